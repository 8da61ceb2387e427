declare global {
  interface JSON {
    /** https://tc39.es/proposal-json-parse-with-source/ */
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
  interface BigInt {
    toJSON(): object;
  }
}

/**
 * JSON.stringify writes a bigint by its digits, wherever in the program: the one method that we put on a built-in, so that no
 * writer can forget it. What holds no bigint is written as fast as ever. A replacer sees a raw value in a bigint's stead.
 */
BigInt.prototype.toJSON = function (this: bigint) {
  return JSON.rawJSON(this.toString());
};
