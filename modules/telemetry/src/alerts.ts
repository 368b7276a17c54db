/** Alert thresholds: an alert begins, or ends, when two samples in a row say so. */
export type AlertName = 'cpu' | 'memory' | 'error_rate';

export type Thresholds = Readonly<Record<AlertName, number>>;

export interface AlertChange {
  readonly alert: AlertName;
  readonly state: 'firing' | 'resolved';
  readonly value: number;
  readonly threshold: number;
}

export interface Alerts {
  /** What changed with this sample. An undefined figure was not measured, and changes nothing. */
  evaluate(figures: Readonly<Record<AlertName, number | undefined>>): readonly AlertChange[];
  firing(): readonly AlertName[];
}

const SAMPLES_THAT_AGREE = 2;

export function openAlerts(thresholds: Thresholds): Alerts {
  const names = Object.keys(thresholds) as AlertName[];
  const states = new Map(names.map((alert) => [alert, { firing: false, opposed: 0 }]));
  return {
    evaluate: (figures) =>
      names.flatMap((alert) => {
        const state = states.get(alert);
        const value = figures[alert];
        if (state === undefined || value === undefined) return [];
        const threshold = thresholds[alert];
        state.opposed = value > threshold === state.firing ? 0 : state.opposed + 1;
        if (state.opposed < SAMPLES_THAT_AGREE) return [];
        state.firing = !state.firing;
        state.opposed = 0;
        return [{ alert, state: state.firing ? 'firing' : 'resolved', value, threshold } as const];
      }),
    firing: () => names.filter((alert) => states.get(alert)?.firing),
  };
}
