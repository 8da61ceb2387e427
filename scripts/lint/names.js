import { relative } from 'node:path';

const bannedInPaths = /^(utils?|helpers?|common|shared|managers?)$/;
const bannedAlone = /^(data|info|process|handle)$/;
const bannedDeclarations = /^(handle|process)$|(Manager|Helpers?|Utils?)$/;

/** Words that say nothing about what is inside. A path's parts are its folders and the words between dashes and dots. */
const banned = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      path: '"{{word}}" names a drawer, not a thing: say what it does (CONTRIBUTING.md).',
      name: '"{{word}}" says nothing: name kind and purpose.',
    },
  },
  create(context) {
    const check = (node) => {
      if (node.id && bannedDeclarations.test(node.id.name))
        context.report({ node: node.id, messageId: 'name', data: { word: node.id.name } });
    };
    return {
      Program(node) {
        const word = bannedWordOf(relative(context.cwd, context.filename));
        if (word !== undefined) context.report({ node, messageId: 'path', data: { word } });
      },
      FunctionDeclaration: check,
      ClassDeclaration: check,
      TSInterfaceDeclaration: check,
      TSTypeAliasDeclaration: check,
    };
  },
};

function bannedWordOf(path) {
  for (const segment of path.split(/[/\\]/)) {
    const stem = segment.replace(/(\.\w+)+$/, '');
    if (bannedAlone.test(stem)) return stem;
    const word = stem.split('-').find((part) => bannedInPaths.test(part));
    if (word !== undefined) return word;
  }
  return undefined;
}

export const names = { rules: { banned } };
