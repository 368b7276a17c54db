/** States and transitions of `philosophers.csp`, by the number of philosophers, as mCRL2 and SPIN have counted them as well. */
export const COUNTED: ReadonlyMap<number, { readonly states: number; readonly transitions: number }> = new Map([
  [6, { states: 46_656, transitions: 246_612 }],
  [7, { states: 279_934, transitions: 1_726_256 }],
  [8, { states: 1_679_616, transitions: 11_837_296 }],
]);
