/** This process cannot be made into a network of explicit components; nothing is wrong with it, it has to be explored as terms. */
export class NotCompilable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'NotCompilable';
  }
}
