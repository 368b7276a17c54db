/**
 * A report as SARIF 2.1.0, the format that code hosts and editors show beside the lines of a script.
 *
 * Diagnostics and failed assertions are results of kind `fail`, undecided assertions of kind `open`; what holds is no result. The steps of a
 * counterexample are a code flow: each at the definition of the components that took part.
 * OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.13 to 3.38.
 */
import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  becauseOf,
  ENGINE_CODES,
  labelOf,
  type Report,
  type ReportedAssertion,
  type ReportedCounterexample,
  type ReportedDiagnostic,
  type ReportedPlace,
  sentenceOf,
} from '@enhanced-csp/engine';
import { EVALUATION_CODES, SYNTAX_CODES, TYPE_CODES } from '@enhanced-csp/engine/cspm';
import { VERSION } from './version.ts';

type Level = 'none' | 'note' | 'warning' | 'error';

interface Result {
  readonly ruleId: string;
  readonly level: Level;
  readonly kind: 'fail' | 'open';
  readonly message: Message;
  readonly locations: readonly Location[];
  readonly relatedLocations?: readonly Location[];
  readonly codeFlows?: readonly unknown[];
}

interface Message {
  readonly text: string;
}

interface Location {
  readonly id?: number;
  readonly message?: Message;
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: {
      readonly startLine: number;
      readonly startColumn: number;
      readonly endLine?: number;
      readonly endColumn?: number;
    };
  };
}

const ASSERTION_RULES = {
  'assertion-fails': 'An assertion of the script fails; the message tells the counterexample.',
  'assertion-undecided': 'An assertion could not be decided within the limits; it does not count as holding.',
  'assertion-not-evaluated': 'The processes of an assertion could not be evaluated.',
} as const;

/**
 * The SARIF log of a report: one run.
 *
 * @example
 * JSON.stringify(sarifOf(check(source, options)));
 */
export function sarifOf(report: Report) {
  const found: Result[] = [
    ...report.diagnostics.map(resultOfDiagnostic),
    ...report.assertions.flatMap((assertion) => resultOfAssertion(assertion, report.file)),
  ];
  const ids = [...new Set(found.map(({ ruleId }) => ruleId))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'csp', version: VERSION, semanticVersion: VERSION, rules: ids.map(ruleOf) } },
        invocations: [{ executionSuccessful: !report.diagnostics.some(({ severity }) => severity === 'error') }],
        columnKind: 'utf16CodeUnits',
        results: found.map((result) => ({ ...result, ruleIndex: ids.indexOf(result.ruleId) })),
      },
    ],
  };
}

function ruleOf(id: string) {
  if (id in ASSERTION_RULES)
    return { id, shortDescription: { text: ASSERTION_RULES[id as keyof typeof ASSERTION_RULES] } };
  const codes: Readonly<Record<string, { readonly meaning: string; readonly remedy: string }>> = {
    ...SYNTAX_CODES,
    ...TYPE_CODES,
    ...EVALUATION_CODES,
    ...ENGINE_CODES,
  };
  const about = codes[id];
  return about === undefined ? { id } : { id, shortDescription: { text: about.meaning }, help: { text: about.remedy } };
}

function resultOfDiagnostic(diagnostic: ReportedDiagnostic): Result {
  const { severity, code, message, fix } = diagnostic;
  return {
    ruleId: code,
    level: severity,
    kind: 'fail',
    message: { text: fix === undefined ? message : `${message} Write: ${fix}` },
    locations: [locationOf(diagnostic)],
  };
}

function resultOfAssertion(assertion: ReportedAssertion, file: string): readonly Result[] {
  const { verdict, text, reason, counterexample } = assertion;
  const locations = [locationOf(assertion.place ?? { file, line: assertion.line, column: 1 })];
  switch (verdict) {
    case 'holds':
      return [];
    case 'unknown':
      return [
        {
          ruleId: 'assertion-undecided',
          level: 'none',
          kind: 'open',
          message: { text: `${text}: ${reason}` },
          locations,
        },
      ];
    case 'error':
      return [
        {
          ruleId: 'assertion-not-evaluated',
          level: 'error',
          kind: 'fail',
          message: { text: `${text}: ${reason}` },
          locations,
        },
      ];
    case 'fails':
      return [
        {
          ruleId: 'assertion-fails',
          level: 'error',
          kind: 'fail',
          message: {
            text: [
              `${text} fails.`,
              ...(counterexample ? [sentenceOf(assertion), ...becauseOf(counterexample)] : [NOT_REFUTED]),
            ].join('\n'),
          },
          locations,
          ...(counterexample && whereabouts(counterexample)),
        },
      ];
    default:
      return verdict satisfies never;
  }
}

const NOT_REFUTED = 'What it denies holds.';

/** The definitions that components stand in at the end, and the steps there. */
function whereabouts({
  components = [],
  steps,
}: ReportedCounterexample): Pick<Result, 'relatedLocations' | 'codeFlows'> {
  const relatedLocations = components.flatMap(({ name, place, state }, i) =>
    place === undefined ? [] : [{ ...locationOf(place), id: i, message: { text: `${name} is here: ${state}` } }],
  );
  const locations = steps.flatMap((step) => {
    const place = components[step.participants?.[0] ?? -1]?.place;
    return place === undefined ? [] : [{ location: { ...locationOf(place), message: { text: labelOf(step) } } }];
  });
  return {
    ...(relatedLocations.length > 0 && { relatedLocations }),
    ...(locations.length > 0 && { codeFlows: [{ threadFlows: [{ locations }] }] }),
  };
}

function locationOf(place: Pick<ReportedPlace, 'file' | 'line' | 'column'> & Partial<ReportedPlace>): Location {
  const { file, line, column, endLine, endColumn } = place;
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      region: {
        startLine: line,
        startColumn: column,
        ...(endLine !== undefined && { endLine }),
        ...(endColumn !== undefined && { endColumn }),
      },
    },
  };
}

function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(sep).map(encodeURIComponent).join('/');
}
