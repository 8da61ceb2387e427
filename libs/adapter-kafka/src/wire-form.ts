import type { IHeaders, Message, TopicMessages } from 'kafkajs';
import type { WireRecord } from '#provider-sdk';

type Received = { readonly key: Buffer | null; readonly value: Buffer | null; readonly headers?: IHeaders | undefined };

/** Text of a record as it was received. Of a header that comes twice the last one counts. */
export function received(topic: string, { key, value, headers = {} }: Received): WireRecord {
  const texts: Record<string, string> = {};
  for (const [name, content] of Object.entries(headers)) {
    const last = Array.isArray(content) ? content.at(-1) : content;
    if (last !== undefined) texts[name] = last.toString();
  }
  return { topic, key: key === null ? null : key.toString(), value: value === null ? null : value.toString(), headers: texts };
}

export function perTopic(records: readonly WireRecord[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, key, value, headers } of records) {
    const message: Message = { key, value, headers: { ...headers } };
    const messages = topics.get(topic);
    if (messages) messages.push(message);
    else topics.set(topic, [message]);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
