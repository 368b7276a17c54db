// biome-ignore-all format: generated from docs/api/openapi.yaml by generate.ts
// biome-ignore-all lint: generated from docs/api/openapi.yaml by generate.ts
export type Problem = { type: string; title: string; status: number; detail: string; instance: string; code: string; next: string; request_id: string; trace_id?: string; errors?: ({ pointer: string; in: "path" | "query" | "body"; detail: string })[] };
export type ProtocolsDefineOutput = { protocol_id: string; name: string; system?: string; roles: (string)[]; status: "ill-formed" | "defined" | "verified" | "refuted" | "unknown"; created_at: string; updated_at: string; source: string; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; verification?: { verdict: "holds" | "fails" | "unknown"; reason?: string; assertions: ({ line: number; text: string; negated: boolean; verdict: "holds" | "fails" | "unknown" | "error"; states: number; transitions: number; milliseconds: number; reason?: string; notes?: (string)[]; explanation?: (string)[]; counterexample?: { kind: "trace" | "refusal" | "revival" | "deadlock" | "divergence" | "nondeterminism" | "missing trace"; trace: (string)[]; event?: string; refused?: (((string)[]) | (null))[]; accepted?: (string)[]; required?: ((string)[])[]; allowed?: (string)[]; steps: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; loop?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; accepting?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; refusing?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; components?: ({ name: string; trace: (string)[]; state: string; offers: (string)[]; terminated: boolean; within?: string; place?: { file: string; line: number; column: number; endLine: number; endColumn: number } })[]; blocked?: ({ event: string; offeredBy: (number)[]; refusedBy: (number)[] })[]; ring?: (number)[] }; obligation: boolean })[]; verified_at: string } };
export type ProtocolsDefineInput = { name: string; source: string; system?: string; roles?: (string)[] };
export type ProtocolsListOutput = { protocols: ({ protocol_id: string; name: string; system?: string; roles: (string)[]; status: "ill-formed" | "defined" | "verified" | "refuted" | "unknown"; created_at: string; updated_at: string })[]; total: number; limit: number; offset: number; next_cursor?: string };
export type ProtocolsGetOutput = { protocol_id: string; name: string; system?: string; roles: (string)[]; status: "ill-formed" | "defined" | "verified" | "refuted" | "unknown"; created_at: string; updated_at: string; source: string; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; verification?: { verdict: "holds" | "fails" | "unknown"; reason?: string; assertions: ({ line: number; text: string; negated: boolean; verdict: "holds" | "fails" | "unknown" | "error"; states: number; transitions: number; milliseconds: number; reason?: string; notes?: (string)[]; explanation?: (string)[]; counterexample?: { kind: "trace" | "refusal" | "revival" | "deadlock" | "divergence" | "nondeterminism" | "missing trace"; trace: (string)[]; event?: string; refused?: (((string)[]) | (null))[]; accepted?: (string)[]; required?: ((string)[])[]; allowed?: (string)[]; steps: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; loop?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; accepting?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; refusing?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; components?: ({ name: string; trace: (string)[]; state: string; offers: (string)[]; terminated: boolean; within?: string; place?: { file: string; line: number; column: number; endLine: number; endColumn: number } })[]; blocked?: ({ event: string; offeredBy: (number)[]; refusedBy: (number)[] })[]; ring?: (number)[] }; obligation: boolean })[]; verified_at: string } };
export type ProtocolsVerifyOutput = { protocol_id: string; status: "ill-formed" | "defined" | "verified" | "refuted" | "unknown"; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; verdict: "holds" | "fails" | "unknown"; reason?: string; assertions: ({ line: number; text: string; negated: boolean; verdict: "holds" | "fails" | "unknown" | "error"; states: number; transitions: number; milliseconds: number; reason?: string; notes?: (string)[]; explanation?: (string)[]; counterexample?: { kind: "trace" | "refusal" | "revival" | "deadlock" | "divergence" | "nondeterminism" | "missing trace"; trace: (string)[]; event?: string; refused?: (((string)[]) | (null))[]; accepted?: (string)[]; required?: ((string)[])[]; allowed?: (string)[]; steps: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; loop?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; accepting?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; refusing?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; components?: ({ name: string; trace: (string)[]; state: string; offers: (string)[]; terminated: boolean; within?: string; place?: { file: string; line: number; column: number; endLine: number; endColumn: number } })[]; blocked?: ({ event: string; offeredBy: (number)[]; refusedBy: (number)[] })[]; ring?: (number)[] }; obligation: boolean })[]; verified_at?: string };
export type ConversationsStartOutput = { conversation_id: string; name?: string; protocol_id: string; protocol: string; system: string; roles: (string)[]; agents?: { [key: string]: string }; status: "running" | "terminated" | "stuck" | "stopped"; mode: "observe" | "block" | "quarantine"; accepted: number; refused: number; unlawful: number; patience_seconds?: number; created_at: string; updated_at: string; expected: ({ event: string; role: string })[] };
export type ConversationsStartInput = { protocol_id: string; name?: string; mode?: "observe" | "block" | "quarantine"; patience_seconds?: number; agents?: { [key: string]: string } };
export type ConversationsListOutput = { conversations: ({ conversation_id: string; name?: string; protocol_id: string; protocol: string; system: string; roles: (string)[]; agents?: { [key: string]: string }; status: "running" | "terminated" | "stuck" | "stopped"; mode: "observe" | "block" | "quarantine"; accepted: number; refused: number; unlawful: number; patience_seconds?: number; created_at: string; updated_at: string })[]; total: number; limit: number; offset: number; next_cursor?: string };
export type ConversationsGetOutput = { conversation_id: string; name?: string; protocol_id: string; protocol: string; system: string; roles: (string)[]; agents?: { [key: string]: string }; status: "running" | "terminated" | "stuck" | "stopped"; mode: "observe" | "block" | "quarantine"; accepted: number; refused: number; unlawful: number; patience_seconds?: number; created_at: string; updated_at: string; expected: ({ event: string; role: string })[] };
export type ConversationsAttemptOutput = { conversation_id: string; sequence: number; at: string; role: string; event: string; status: "running" | "terminated" | "stuck" | "stopped"; expected: ({ event: string; role: string })[]; unlawful?: { reason: string; message: string; expected: (string)[] } };
export type ConversationsAttemptInput = { role: string; event: string; payload?: unknown };
export type ConversationsEventsOutput = { conversation_id: string; events: ({ sequence: number; at: string; kind: "opened" | "event" | "refusal" | "unlawful" | "quarantined" | "closed"; role?: string; event?: string; reason?: string; expected?: (string)[]; payload?: unknown; payload_hash?: string })[]; next: number };
export type ConversationsTraceOutput = { conversation_id: string; trace: ({ sequence: number; at: string; role: string; event: string })[] };
export type ConversationsVerdictOutput = { conversation_id: string; verdict: "conforming" | "deviating"; status: "running" | "terminated" | "stuck" | "stopped"; accepted: number; refused: number; unlawful: number; expected: ({ event: string; role: string })[]; owing: ({ role: string; events: (string)[] })[] };
export type ConversationsStopOutput = { conversation_id: string; name?: string; protocol_id: string; protocol: string; system: string; roles: (string)[]; agents?: { [key: string]: string }; status: "running" | "terminated" | "stuck" | "stopped"; mode: "observe" | "block" | "quarantine"; accepted: number; refused: number; unlawful: number; patience_seconds?: number; created_at: string; updated_at: string; expected: ({ event: string; role: string })[] };
export type ConversationsLogOutput = { conversation_id: string; size: number; root: string; key: string; log: string };
export type ConversationsReceiptOutput = { conversation_id: string; sequence: number; receipt: string; leaf: string; key: string };
export type AgentsKindsOutput = { agents: ({ name: string; description: string; roles?: (string)[]; protocols?: (string)[] })[] };
export type ProcessesCreateOutput = { process_id: string; name: string; type: string; status: "created" | "verified" | "running" | "stopped" | "terminated" | "failed"; created_at: string; verdict: "ill-formed" | "well-formed" | "holds" | "fails" | "unknown"; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; translation?: { cspm: string; notes: (string)[] } };
export type ProcessesCreateInputPart0 = (string) | (number) | (boolean) | (null) | ((ProcessesCreateInputPart0)[]) | ({ [key: string]: ProcessesCreateInputPart0 });
export type ProcessesCreateInput = { name: string; type?: string; definition?: { inputs?: (string)[]; outputs?: (string)[]; behavior?: string; operator?: "sequential" | "parallel" | "choice" | "interleaving" | "interrupt" | "hiding" | "renaming"; processes?: (string)[]; synchronize?: (string)[]; hide?: (string)[]; rename?: { [key: string]: string } }; config?: { [key: string]: ProcessesCreateInputPart0 } };
export type ProcessesKindsOutput = { kinds: ({ type: string; description: string; config?: unknown })[] };
export type ProcessesGetOutput = { process_id: string; name: string; type: string; status: "created" | "verified" | "running" | "stopped" | "terminated" | "failed"; created_at: string; verdict: "ill-formed" | "well-formed" | "holds" | "fails" | "unknown"; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; translation?: { cspm: string; notes: (string)[] }; updated_at: string; config?: unknown; definition: { inputs: (string)[]; outputs: (string)[]; behavior?: string; operator?: "sequential" | "parallel" | "choice" | "interleaving" | "interrupt" | "hiding" | "renaming"; processes?: (string)[]; synchronize?: (string)[]; hide?: (string)[]; rename?: { [key: string]: string } }; assertions: ({ line: number; text: string; negated: boolean; verdict: "holds" | "fails" | "unknown" | "error"; states: number; transitions: number; milliseconds: number; reason?: string; notes?: (string)[]; explanation?: (string)[]; counterexample?: { kind: "trace" | "refusal" | "revival" | "deadlock" | "divergence" | "nondeterminism" | "missing trace"; trace: (string)[]; event?: string; refused?: (((string)[]) | (null))[]; accepted?: (string)[]; required?: ((string)[])[]; allowed?: (string)[]; steps: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; loop?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; accepting?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; refusing?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; components?: ({ name: string; trace: (string)[]; state: string; offers: (string)[]; terminated: boolean; within?: string; place?: { file: string; line: number; column: number; endLine: number; endColumn: number } })[]; blocked?: ({ event: string; offeredBy: (number)[]; refusedBy: (number)[] })[]; ring?: (number)[] }; obligation: boolean })[]; channels: { [key: string]: string }; reason?: string; version?: number; metadata: { cpu_usage?: number; memory_usage?: number; cpu_milliseconds: number; events_processed: number } };
export type ProcessesUpdateOutput = { process_id: string; name: string; type: string; status: "created" | "verified" | "running" | "stopped" | "terminated" | "failed"; created_at: string; verdict: "ill-formed" | "well-formed" | "holds" | "fails" | "unknown"; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; translation?: { cspm: string; notes: (string)[] }; updated_at: string; config?: unknown; definition: { inputs: (string)[]; outputs: (string)[]; behavior?: string; operator?: "sequential" | "parallel" | "choice" | "interleaving" | "interrupt" | "hiding" | "renaming"; processes?: (string)[]; synchronize?: (string)[]; hide?: (string)[]; rename?: { [key: string]: string } }; assertions: ({ line: number; text: string; negated: boolean; verdict: "holds" | "fails" | "unknown" | "error"; states: number; transitions: number; milliseconds: number; reason?: string; notes?: (string)[]; explanation?: (string)[]; counterexample?: { kind: "trace" | "refusal" | "revival" | "deadlock" | "divergence" | "nondeterminism" | "missing trace"; trace: (string)[]; event?: string; refused?: (((string)[]) | (null))[]; accepted?: (string)[]; required?: ((string)[])[]; allowed?: (string)[]; steps: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; loop?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; accepting?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; refusing?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; components?: ({ name: string; trace: (string)[]; state: string; offers: (string)[]; terminated: boolean; within?: string; place?: { file: string; line: number; column: number; endLine: number; endColumn: number } })[]; blocked?: ({ event: string; offeredBy: (number)[]; refusedBy: (number)[] })[]; ring?: (number)[] }; obligation: boolean })[]; channels: { [key: string]: string }; reason?: string; version?: number; metadata: { cpu_usage?: number; memory_usage?: number; cpu_milliseconds: number; events_processed: number } };
export type ProcessesUpdateInput = { name?: string; definition?: { inputs?: (string)[]; outputs?: (string)[]; behavior?: string; operator?: "sequential" | "parallel" | "choice" | "interleaving" | "interrupt" | "hiding" | "renaming"; processes?: (string)[]; synchronize?: (string)[]; hide?: (string)[]; rename?: { [key: string]: string } } };
export type ProcessesEventsOutput = { process_id: string; oldest: number; next: number; events: ({ sequence: number; at: string; kind: "status" | "event"; status?: string; reason?: string; event?: string; events_processed?: number })[] };
export type ProcessesTraceOutput = { process_id: string; oldest: number; next: number; trace: ({ sequence: number; at: string; event: string; number: number })[] };
export type ProcessesLogsOutput = { process_id: string; oldest: number; next: number; logs: ({ sequence: number; at: string; level: "info" | "error"; message: string })[] };
export type ProcessesListOutput = { processes: ({ process_id: string; name: string; type: string; status: "created" | "verified" | "running" | "stopped" | "terminated" | "failed" })[]; total: number; limit: number; offset: number; next_cursor?: string };
export type ProcessesStartOutput = { process_id: string; name: string; type: string; status: "created" | "verified" | "running" | "stopped" | "terminated" | "failed"; created_at: string; verdict: "ill-formed" | "well-formed" | "holds" | "fails" | "unknown"; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; translation?: { cspm: string; notes: (string)[] }; updated_at: string; config?: unknown; definition: { inputs: (string)[]; outputs: (string)[]; behavior?: string; operator?: "sequential" | "parallel" | "choice" | "interleaving" | "interrupt" | "hiding" | "renaming"; processes?: (string)[]; synchronize?: (string)[]; hide?: (string)[]; rename?: { [key: string]: string } }; assertions: ({ line: number; text: string; negated: boolean; verdict: "holds" | "fails" | "unknown" | "error"; states: number; transitions: number; milliseconds: number; reason?: string; notes?: (string)[]; explanation?: (string)[]; counterexample?: { kind: "trace" | "refusal" | "revival" | "deadlock" | "divergence" | "nondeterminism" | "missing trace"; trace: (string)[]; event?: string; refused?: (((string)[]) | (null))[]; accepted?: (string)[]; required?: ((string)[])[]; allowed?: (string)[]; steps: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; loop?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; accepting?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; refusing?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; components?: ({ name: string; trace: (string)[]; state: string; offers: (string)[]; terminated: boolean; within?: string; place?: { file: string; line: number; column: number; endLine: number; endColumn: number } })[]; blocked?: ({ event: string; offeredBy: (number)[]; refusedBy: (number)[] })[]; ring?: (number)[] }; obligation: boolean })[]; channels: { [key: string]: string }; reason?: string; version?: number; metadata: { cpu_usage?: number; memory_usage?: number; cpu_milliseconds: number; events_processed: number } };
export type ProcessesStopOutput = { process_id: string; name: string; type: string; status: "created" | "verified" | "running" | "stopped" | "terminated" | "failed"; created_at: string; verdict: "ill-formed" | "well-formed" | "holds" | "fails" | "unknown"; diagnostics: ({ severity: "error" | "warning" | "note"; code: string; file: string; line: number; column: number; message: string; fix?: string })[]; translation?: { cspm: string; notes: (string)[] }; updated_at: string; config?: unknown; definition: { inputs: (string)[]; outputs: (string)[]; behavior?: string; operator?: "sequential" | "parallel" | "choice" | "interleaving" | "interrupt" | "hiding" | "renaming"; processes?: (string)[]; synchronize?: (string)[]; hide?: (string)[]; rename?: { [key: string]: string } }; assertions: ({ line: number; text: string; negated: boolean; verdict: "holds" | "fails" | "unknown" | "error"; states: number; transitions: number; milliseconds: number; reason?: string; notes?: (string)[]; explanation?: (string)[]; counterexample?: { kind: "trace" | "refusal" | "revival" | "deadlock" | "divergence" | "nondeterminism" | "missing trace"; trace: (string)[]; event?: string; refused?: (((string)[]) | (null))[]; accepted?: (string)[]; required?: ((string)[])[]; allowed?: (string)[]; steps: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; loop?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; accepting?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; refusing?: ({ event: string; from: string; to: string; hidden?: string; participants?: (number)[] })[]; components?: ({ name: string; trace: (string)[]; state: string; offers: (string)[]; terminated: boolean; within?: string; place?: { file: string; line: number; column: number; endLine: number; endColumn: number } })[]; blocked?: ({ event: string; offeredBy: (number)[]; refusedBy: (number)[] })[]; ring?: (number)[] }; obligation: boolean })[]; channels: { [key: string]: string }; reason?: string; version?: number; metadata: { cpu_usage?: number; memory_usage?: number; cpu_milliseconds: number; events_processed: number } };
export type ProcessesDeleteOutput = { process_id: string; deleted: true };
export type ChannelsCreateOutput = { channel_id: string; name: string; type: "synchronous" | "buffered" | "dropping" | "sliding"; buffer_size: number; security_level: "low" | "medium" | "high"; created_at: string };
export type ChannelsCreateInput = { name: string; type?: "synchronous" | "buffered" | "dropping" | "sliding"; buffer_size?: number; security_level?: "low" | "medium" | "high" };
export type ChannelsListOutput = { channels: ({ channel_id: string; name: string; type: "synchronous" | "buffered" | "dropping" | "sliding"; buffer_size: number; security_level: "low" | "medium" | "high"; created_at: string })[]; total: number; limit: number; offset: number; next_cursor?: string };
export type ChannelsGetOutput = { channel_id: string; name: string; type: "synchronous" | "buffered" | "dropping" | "sliding"; buffer_size: number; security_level: "low" | "medium" | "high"; created_at: string; buffered: number; waiting_senders: number; waiting_receivers: number; events: number };
export type ChannelsDeleteOutput = { channel_id: string; deleted: true };
export type ChannelsSendOutput = { channel_id: string; sequence: number; status: "communicated" | "sent" };
export type ChannelsSendInput = { event: { type?: string; data?: unknown; sender?: string; priority?: "low" | "normal" | "high" }; timeout?: number };
export type ChannelsReceiveOutput = { channel_id: string; sequence: number; sent: number; receiver?: string; event: { type: string; data: unknown; sender?: string; priority: "low" | "normal" | "high" } };
export type ChannelsReceiveInput = { receiver?: string; timeout?: number; filter?: { type?: string; priority?: "low" | "normal" | "high"; sender?: string } };
export type MetricsReadOutput = { system: { cpu_usage: number; memory_usage: number; disk_usage: unknown; uptime: number; event_loop_lag_ms: number }; requests: { total: number; errors: number; average_response_ms: unknown }; processes: ({ active: number; total: number; success_rate: unknown }) | ({ status: "unavailable"; reason: string }); quantum: { status: "unavailable"; reason: string }; blockchain: { status: "unavailable"; reason: string }; alerts: (string)[] };
export type AnalyticsPerformanceOutput = { period: string; granularity: string; points: ({ at: string; samples: number; cpu_usage: ({ average: number; max: number }) | (null); memory_usage: ({ average: number; max: number }) | (null); event_loop_lag_ms: ({ average: number; max: number }) | (null); processes_active: ({ average: number; max: number }) | (null); requests: number; error_rate: unknown; response_time_ms: unknown })[] };
export type BatchPerformOutput = { atomic: boolean; results: ({ id: string; status: number; headers: { [key: string]: string }; body: unknown })[] };
export type BatchPerformInputPart0 = (string) | (number) | (boolean) | (null) | ((BatchPerformInputPart0)[]) | ({ [key: string]: BatchPerformInputPart0 });
export type BatchPerformInput = { atomic?: boolean; requests: ({ id?: string; method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"; path: string; headers?: { [key: string]: string }; body?: BatchPerformInputPart0 })[] };

export interface Operations {
  /** Define a protocol. */
  'protocols.define': { input: ProtocolsDefineInput; output: ProtocolsDefineOutput };
  /** List protocols. */
  'protocols.list': { input: { limit?: number; offset?: number; after?: string; created_from?: string; created_before?: string; status?: "ill-formed" | "defined" | "verified" | "refuted" | "unknown"; name?: string }; output: ProtocolsListOutput };
  /** Get a protocol. */
  'protocols.get': { input: { protocol_id: string }; output: ProtocolsGetOutput };
  /** Verify a protocol. */
  'protocols.verify': { input: { protocol_id: string }; output: ProtocolsVerifyOutput };
  /** Start a conversation of a verified protocol. */
  'conversations.start': { input: ConversationsStartInput; output: ConversationsStartOutput };
  /** List conversations. */
  'conversations.list': { input: { limit?: number; offset?: number; after?: string; created_from?: string; created_before?: string; status?: "running" | "terminated" | "stuck" | "stopped"; protocol_id?: string; protocol?: string; name?: string }; output: ConversationsListOutput };
  /** Get a conversation. */
  'conversations.get': { input: { conversation_id: string }; output: ConversationsGetOutput };
  /** Perform an event as a role. */
  'conversations.attempt': { input: { conversation_id: string } & ConversationsAttemptInput; output: ConversationsAttemptOutput };
  /** List all attempts of a conversation, accepted and refused. */
  'conversations.events': { input: { conversation_id: string; from?: number; limit?: number }; output: ConversationsEventsOutput };
  /** Get the trace: the events that were accepted, in order. */
  'conversations.trace': { input: { conversation_id: string }; output: ConversationsTraceOutput };
  /** Whether a conversation conforms so far, where it stands, and who should move. */
  'conversations.verdict': { input: { conversation_id: string }; output: ConversationsVerdictOutput };
  /** Stop a conversation from outside. */
  'conversations.stop': { input: { conversation_id: string }; output: ConversationsStopOutput };
  /** Download the audit log. */
  'conversations.log': { input: { conversation_id: string }; output: ConversationsLogOutput };
  /** Get the receipt of one entry of the log. */
  'conversations.receipt': { input: { conversation_id: string; sequence: number }; output: ConversationsReceiptOutput };
  /** List the agents that can be given roles of a conversation. */
  'agents.kinds': { input: Record<never, never>; output: AgentsKindsOutput };
  /** Create a process. */
  'processes.create': { input: ProcessesCreateInput; output: ProcessesCreateOutput };
  /** List processes. */
  'processes.list': { input: { limit?: number; offset?: number; after?: string; created_from?: string; created_before?: string; status?: "created" | "verified" | "running" | "stopped" | "terminated" | "failed"; name?: string; type?: string; verdict?: "ill-formed" | "well-formed" | "holds" | "fails" | "unknown" }; output: ProcessesListOutput };
  /** List the kinds of processes that can be created. */
  'processes.kinds': { input: Record<never, never>; output: ProcessesKindsOutput };
  /** Get a process. */
  'processes.get': { input: { process_id: string }; output: ProcessesGetOutput };
  /** Change a process that was never started. */
  'processes.update': { input: { process_id: string } & ProcessesUpdateInput; output: ProcessesUpdateOutput };
  /** Delete a process. */
  'processes.delete': { input: { process_id: string }; output: ProcessesDeleteOutput };
  /** List what a process did: changes of status, and events. */
  'processes.events': { input: { process_id: string; from?: number; limit?: number }; output: ProcessesEventsOutput };
  /** Get the trace of a process: the events it performed, in order. */
  'processes.trace': { input: { process_id: string; from?: number; limit?: number }; output: ProcessesTraceOutput };
  /** Get the log of a process, in words. */
  'processes.logs': { input: { process_id: string; from?: number; limit?: number }; output: ProcessesLogsOutput };
  /** Start a process. */
  'processes.start': { input: { process_id: string }; output: ProcessesStartOutput };
  /** Stop a process. */
  'processes.stop': { input: { process_id: string }; output: ProcessesStopOutput };
  /** Create a channel. */
  'channels.create': { input: ChannelsCreateInput; output: ChannelsCreateOutput };
  /** List channels. */
  'channels.list': { input: { limit?: number; offset?: number; after?: string; created_from?: string; created_before?: string; type?: "synchronous" | "buffered" | "dropping" | "sliding"; name?: string; security_level?: "low" | "medium" | "high" }; output: ChannelsListOutput };
  /** Get a channel. */
  'channels.get': { input: { channel_id: string }; output: ChannelsGetOutput };
  /** Delete a channel. */
  'channels.delete': { input: { channel_id: string }; output: ChannelsDeleteOutput };
  /** Send an event. */
  'channels.send': { input: { channel_id: string } & ChannelsSendInput; output: ChannelsSendOutput };
  /** Receive an event. */
  'channels.receive': { input: { channel_id: string } & ChannelsReceiveInput; output: ChannelsReceiveOutput };
  /** What the platform measures now. */
  'metrics.read': { input: Record<never, never>; output: MetricsReadOutput };
  /** Performance over a period. */
  'analytics.performance': { input: { period?: string; granularity?: string }; output: AnalyticsPerformanceOutput };
  /** Several requests in one. */
  'batch.perform': { input: BatchPerformInput; output: BatchPerformOutput };
}

export const ROUTES: Readonly<Record<keyof Operations, string>> = {
  'protocols.define': 'POST /api/protocols',
  'protocols.list': 'GET /api/protocols',
  'protocols.get': 'GET /api/protocols/{protocol_id}',
  'protocols.verify': 'POST /api/protocols/{protocol_id}/verify',
  'conversations.start': 'POST /api/conversations',
  'conversations.list': 'GET /api/conversations',
  'conversations.get': 'GET /api/conversations/{conversation_id}',
  'conversations.attempt': 'POST /api/conversations/{conversation_id}/events',
  'conversations.events': 'GET /api/conversations/{conversation_id}/events',
  'conversations.trace': 'GET /api/conversations/{conversation_id}/trace',
  'conversations.verdict': 'GET /api/conversations/{conversation_id}/verdict',
  'conversations.stop': 'POST /api/conversations/{conversation_id}/stop',
  'conversations.log': 'GET /api/conversations/{conversation_id}/log',
  'conversations.receipt': 'GET /api/conversations/{conversation_id}/receipts/{sequence}',
  'agents.kinds': 'GET /api/agents/kinds',
  'processes.create': 'POST /api/processes',
  'processes.list': 'GET /api/processes',
  'processes.kinds': 'GET /api/processes/kinds',
  'processes.get': 'GET /api/processes/{process_id}',
  'processes.update': 'PATCH /api/processes/{process_id}',
  'processes.delete': 'DELETE /api/processes/{process_id}',
  'processes.events': 'GET /api/processes/{process_id}/events',
  'processes.trace': 'GET /api/processes/{process_id}/trace',
  'processes.logs': 'GET /api/processes/{process_id}/logs',
  'processes.start': 'POST /api/processes/{process_id}/start',
  'processes.stop': 'POST /api/processes/{process_id}/stop',
  'channels.create': 'POST /api/channels',
  'channels.list': 'GET /api/channels',
  'channels.get': 'GET /api/channels/{channel_id}',
  'channels.delete': 'DELETE /api/channels/{channel_id}',
  'channels.send': 'POST /api/channels/{channel_id}/send',
  'channels.receive': 'POST /api/channels/{channel_id}/receive',
  'metrics.read': 'GET /api/metrics',
  'analytics.performance': 'GET /api/analytics/performance',
  'batch.perform': 'POST /api/batch',
};
