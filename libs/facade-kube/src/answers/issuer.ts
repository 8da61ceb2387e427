import type { Answer, Exchange } from '../exchange.ts';
import type { BarePath } from '../request-path.ts';

/** How others check the tokens of a workspace's ServiceAccounts. https://openid.net/specs/openid-connect-discovery-1_0.html, as far as upstream serves it. */
export function answerIssuer({ path, options: { tokens } }: Exchange<BarePath>, cluster: string): Answer | undefined {
  if (tokens === undefined) return undefined;
  switch (path.path) {
    case '/openid/v1/jwks':
      return { type: 'document', code: 200, document: { keys: tokens.keys } };
    case '/.well-known/openid-configuration': {
      const issuer = tokens.issuerOf(cluster);
      const document = {
        issuer,
        jwks_uri: `${issuer}/openid/v1/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      };
      return { type: 'document', code: 200, document };
    }
    default:
      return undefined;
  }
}
