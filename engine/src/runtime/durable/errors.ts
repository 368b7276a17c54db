/** What durable processes can end in. */
import type { SourceLine } from '../source-line.ts';

/** The code asks for something else than it did when the journal was written. */
export class NonDeterminismError extends Error {
  readonly process: string;
  /** The operation of the process, from 1. */
  readonly offer: number;
  readonly journal: string;
  readonly asked: string;
  readonly at: SourceLine | undefined;

  constructor(process: string, offer: number, journal: string, asked: string, at: SourceLine | undefined) {
    const place = at === undefined ? '' : ` at ${at.file}:${at.line}:${at.column}`;
    super(
      `process ${process}, operation ${offer}: the journal says ${journal}, the code asks ${asked}${place}; take time, chance and effects from the process, and give changed code a new version`,
    );
    this.name = 'NonDeterminismError';
    this.process = process;
    this.offer = offer;
    this.journal = journal;
    this.asked = asked;
    this.at = at;
  }
}

/** A newer incarnation owns the journal: this one can write nothing any more, and must end. */
export class FencedError extends Error {
  readonly epoch: number;
  constructor(journal: string, epoch: number, options?: ErrorOptions) {
    super(
      `journal ${journal} has a newer owner than epoch ${epoch}; this one writes nothing any more, and is to end`,
      options,
    );
    this.name = 'FencedError';
    this.epoch = epoch;
  }
}

/** A process was begun by another version of its code, which this one does not accept. */
export class VersionError extends Error {
  readonly process: string;
  readonly journal: string;
  readonly code: string;
  constructor(process: string, journal: string, code: string) {
    super(
      `process ${process} was begun by version ${journal} of its code; this is ${code}: accept ${journal} and look at self.version, or let the old code reach a checkpoint`,
    );
    this.name = 'VersionError';
    this.process = process;
    this.journal = journal;
    this.code = code;
  }
}

/** The journal and the specification it is opened with do not fit. */
export class SpecificationError extends Error {
  /** Of the first entry that the specification does not go on with; undefined: the journal is enforced, and none was given. */
  readonly position: number | undefined;
  readonly event: string | undefined;
  constructor(network: string, found?: { readonly position: number; readonly event: string; readonly reason: string }) {
    super(
      found === undefined
        ? `the journal of ${network} is enforced: open it with a monitor, of the same specification or of one that has all that was sent`
        : `the journal of ${network} is no run of this specification: at entry ${found.position}, ${found.reason}; open it with the specification it was written under, or one that has all that was sent`,
    );
    this.name = 'SpecificationError';
    this.position = found?.position;
    this.event = found?.event;
  }
}

/** The work outside failed; on replay it fails the same way, without being tried again. */
export class EffectError extends Error {
  readonly process: string;
  readonly offer: number;
  constructor(process: string, offer: number, reason: string, options?: ErrorOptions) {
    super(`effect ${offer} of process ${process} failed: ${reason}`, options);
    this.name = 'EffectError';
    this.process = process;
    this.offer = offer;
  }
}

/** A value that cannot be written down as JSON, and so could not be told again. */
export class NotJsonError extends Error {
  readonly path: string;
  constructor(path: string, found: string) {
    super(
      `${found} at ${path === '' ? 'the root' : path} is no JSON; durable processes pass on what can be written down`,
    );
    this.name = 'NotJsonError';
    this.path = path;
  }
}
