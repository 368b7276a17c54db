export {
  type Compilation,
  CompiledProcess,
  compileProcess,
  type Wires,
  type Wiring,
} from './compiled-process.ts';
export type { Machine, RunOptions } from './machine.ts';
export { RecordChain } from './record-chain.ts';
export { CHOOSE, DRAW, END, type Move, type Row, SEND, STOP, tabulate } from './table.ts';
