/** One address as Go's net/mail reads it: `a@b`, `Name <a@b>`, `a@b (Name)`, a group of one. Each part is one linear scan. */
export function isEmailAddress(text: string): boolean {
  return text.length <= 1_000 && address.test(text);
}

const space = '[ \\t]';
// What is not ASCII may stand anywhere.
const letter = '[^\\x00-\\x20\\x7f()<>\\[\\]:;@\\\\,".]';
const quotedLetter = '(?:[^\\x00-\\x08\\x0a-\\x1f\\x7f"\\\\]|\\\\[^\\x00-\\x08\\x0a-\\x1f\\x7f])';
const dotAtom = `${letter}+(?:\\.${letter}+)*`;
const addressSpec = `${space}*(?:"${quotedLetter}+"|${dotAtom})@${space}*(?:${dotAtom}|\\[[^\\]\\s]+\\])`;
const phrase = `(?:${space}|${letter}|\\.|"${quotedLetter}*")+`;
const comment = '\\((?:[^()\\\\]|\\\\.)*\\)';
const mailbox = `(?:${addressSpec}(?:${space}*${comment})?|(?:${phrase})?<${addressSpec}>)`;
const address = new RegExp(`^${space}*(?:${mailbox}|${phrase}:${space}*${mailbox}${space}*;)(?:${space}|${comment})*$`, 'u');
