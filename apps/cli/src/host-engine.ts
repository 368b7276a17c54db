/** The engine, with what this host lends it: a clock, a turn for timers and I/O, and the async context that tells who awaits. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, CSPEngine as Engine, type EngineOptions } from '@enhanced-csp/engine/runtime';

const hostClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, wake) {
    const timer = setTimeout(wake, milliseconds);
    return () => clearTimeout(timer);
  },
};

/**
 * Processes and channels in real time.
 *
 * @example
 * const engine = new CSPEngine();
 * const hello = engine.process('hello', async () => 'Hello World');
 * await engine.run(hello); // 'Hello World'
 * await engine.stop();
 */
export class CSPEngine extends Engine {
  constructor(options: EngineOptions = {}) {
    super({ clock: hostClock, soon: setImmediate, context: new AsyncLocalStorage<unknown>(), ...options });
  }
}
