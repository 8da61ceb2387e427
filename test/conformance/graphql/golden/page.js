/* global URL, location */
// What a portal's page does with the clients that portals use. Bundled and run in a browser.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { cacheExchange, createClient as createUrql, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';

function apollo(path, token) {
  const headers = { authorization: `Bearer ${token}` };
  const http = new HttpLink({ uri: path, headers });
  const socket = createWs({
    url: new URL(path, location.href.replace('http', 'ws')).href,
    connectionParams: { Authorization: headers.authorization },
  });
  const isSubscription = ({ operationType }) => operationType === 'subscription';
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), http),
  });
  const told = ({ data, error }) => ({ data, errors: error === undefined ? undefined : errorsOf(error) });
  const errorsOf = (error) => (CombinedGraphQLErrors.is(error) ? error.errors : [{ message: String(error) }]);
  return {
    async run({ query, variables }) {
      const document = gql(query);
      const isMutation = document.definitions[0].operation === 'mutation';
      const options = { variables, errorPolicy: 'all' };
      return told(
        await (isMutation
          ? client.mutate({ mutation: document, ...options })
          : client.query({ query: document, fetchPolicy: 'network-only', ...options })),
      );
    },
    follow: ({ query, variables }, take) => {
      const following = client
        .subscribe({ query: gql(query), variables })
        .subscribe({ next: (result) => take(told(result)), error: (error) => take({ errors: errorsOf(error) }) });
      return () => following.unsubscribe();
    },
  };
}

function urql(path, token) {
  const headers = { authorization: `Bearer ${token}` };
  const sse = createSse({ url: new URL(path, location.href).href, headers });
  const client = createUrql({
    url: path,
    preferGetMethod: false,
    fetchOptions: { headers },
    requestPolicy: 'network-only',
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: sse.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  const told = ({ data, error }) => ({
    data,
    errors: error?.networkError
      ? [{ message: String(error) }]
      : error?.graphQLErrors.map(({ message, path: at, extensions }) => ({ message, path: at, extensions })),
  });
  return {
    async run({ query, variables }) {
      const isMutation = query.trimStart().startsWith('mutation');
      return told(await client[isMutation ? 'mutation' : 'query'](query, variables ?? {}).toPromise());
    },
    follow: ({ query, variables }, take) => {
      const following = client.subscription(query, variables ?? {}).subscribe((result) => take(told(result)));
      return () => following.unsubscribe();
    },
  };
}

const makers = { apollo, urql };
const clients = new Map();
const followed = new Map();

globalThis.portal = {
  open: (name, path, token) => void clients.set(name, makers[name](path, token)),
  run: async (name, operation) => JSON.parse(JSON.stringify(await clients.get(name).run(operation))),
  follow(name, operation) {
    const results = [];
    followed.set(name, {
      results,
      stop: clients.get(name).follow(operation, (result) => results.push(JSON.parse(JSON.stringify(result)))),
    });
  },
  followed: (name) => followed.get(name).results,
  unfollow: (name) => followed.get(name).stop(),
};
