export {
  type Compilation,
  CompiledProcess,
  compileProcess,
  type Machine,
  type RunOptions,
  type Wires,
  type Wiring,
} from './compiled-process.ts';
export { Enforcement, RecordChain, UnlawfulEventError } from './enforcement.ts';
