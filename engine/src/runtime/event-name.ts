/** `offer.3`, `offer.buyer.seller`, `go`: a value after its channel, field by field. */
export function eventName(channel: string, value: unknown): string {
  if (value === undefined) return channel;
  return `${channel}.${Array.isArray(value) ? value.join('.') : String(value)}`;
}
