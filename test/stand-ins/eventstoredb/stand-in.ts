import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, type Metadata, type ServiceError } from '@grpc/grpc-js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { IServerFeaturesServer } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featureMessages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import gossipMessages from '@eventstore/db-client/generated/gossip_pb.js';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type { IGossipServer } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { serverCertificates } from '#access';
import { appendCall } from './append-call.ts';
import { Faults } from './faults.ts';
import { Front } from './front.ts';
import { readCall } from './read-call.ts';
import { accessDenied, noLeader, notAuthenticated, notLeader, notReady, notServed } from './refusals.ts';
import type { Asked, Serving } from './serving.ts';
import { StoredStreams } from './stored-streams.ts';

export type StandInOptions = {
  /** How many nodes share the log; the first one leads. */
  readonly nodes?: number;
  /** Whether clients must speak TLS. */
  readonly tls?: boolean;
  /** With it, whoever else asks is refused. Only an administrator may read the whole log, unless others were allowed to. */
  readonly user?: { readonly name: string; readonly password: string; readonly readsAll?: boolean };
  /** As much as one append may hold, and one event in it, in bytes. */
  readonly appendBytesMax?: number;
  readonly eventBytesMax?: number;
  /** Whether it says where an append stands that it only recognises. Older servers do not. */
  readonly tellsRepeats?: boolean;
};

/**
 * Not EventStoreDB, but a stand-in for its protocol where no server can be had: the gRPC services that the client calls (Streams, Gossip,
 * ServerFeatures), over a log in memory that keeps the server's rules, and with faults to order. It proves that the adapter
 * speaks the protocol and bears its faults; it proves nothing about the server's durability or speed.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const standIn = new StandIn(options, options.tls ? await certificatesOfItsOwn() : undefined);
  for (let index = 0; index < (options.nodes ?? 1); index++) standIn.nodes.push(await Node.open(standIn));
  standIn.elect(0);
  return standIn;
}

type Certificates = { readonly folder: string; readonly caFile: string; readonly key: string; readonly certificate: string };

async function certificatesOfItsOwn(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'stand-in-'));
  const { ca, key, certificate } = await serverCertificates({ dataFolder: folder, hosts: [] });
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, ca);
  return { folder, caFile, key, certificate };
}

export class StandIn {
  readonly options: StandInOptions;
  readonly certificates: Certificates | undefined;
  readonly streams = new StoredStreams();
  readonly faults = new Faults(() => this.cut());
  readonly nodes: Node[] = [];
  leader: Node | undefined;

  constructor(options: StandInOptions, certificates?: Certificates) {
    this.options = options;
    this.certificates = certificates;
  }

  /** With the one node's address, or with all of them: then the client asks who leads. */
  get url(): string {
    const hosts = this.nodes.map(({ port }) => `localhost:${port}`).join(',');
    const { user } = this.options;
    const security = this.certificates ? `tls=true&tlsCAFile=${encodeURIComponent(this.certificates.caFile)}` : 'tls=false';
    return `esdb://${user ? `${user.name}:${user.password}@` : ''}${hosts}?${security}`;
  }

  /** Nobody leads where none is named: then nobody takes what asks for a leader, and nobody can say who might. */
  elect(index?: number): void {
    this.leader = index === undefined ? undefined : this.nodes[index];
  }

  /** Breaks every connection that is open, in the middle of whatever was said. */
  cut(): void {
    for (const node of this.nodes) node.front.cut();
  }

  stop(): void {
    for (const node of this.nodes) node.stop();
    if (this.certificates) rmSync(this.certificates.folder, { recursive: true, force: true });
  }
}

/** One server of the stand-in. All of them serve the one log; only the leader takes what asks for a leader. */
class Node implements Serving {
  readonly standIn: StandIn;
  readonly #server = new Server({ 'grpc.max_receive_message_length': 32 * 1024 * 1024 });
  #front: Front | undefined;
  ready = true;

  static async open(standIn: StandIn): Promise<Node> {
    const node = new Node(standIn);
    node.#serve();
    const { certificates } = standIn;
    const credentials = certificates
      ? ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(certificates.key), cert_chain: Buffer.from(certificates.certificate) },
        ])
      : ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) =>
      node.#server.bindAsync('127.0.0.1:0', credentials, (failure, bound) => (failure ? reject(failure) : resolve(bound))),
    );
    node.#front = await Front.open(() => port);
    return node;
  }

  private constructor(standIn: StandIn) {
    this.standIn = standIn;
  }

  get streams(): StoredStreams {
    return this.standIn.streams;
  }

  get faults(): Faults {
    return this.standIn.faults;
  }

  get appendBytesMax(): number {
    return this.standIn.options.appendBytesMax ?? 16 * 1024 * 1024;
  }

  get eventBytesMax(): number {
    return this.standIn.options.eventBytesMax ?? Infinity;
  }

  get tellsRepeats(): boolean {
    return this.standIn.options.tellsRepeats ?? true;
  }

  get front(): Front {
    if (!this.#front) throw new Error('the stand-in was not opened');
    return this.#front;
  }

  get port(): number {
    return this.front.port;
  }

  stop(): void {
    this.front.close();
    this.#server.forceShutdown();
  }

  readonly refusalOf = (metadata: Metadata, { isWrite, ofAll = false }: Asked): ServiceError | undefined => {
    const { user } = this.standIn.options;
    const authorization = user && `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
    const given = metadata.get('authorization')[0];
    if (authorization !== undefined && given === undefined) return accessDenied();
    if (authorization !== undefined && given !== authorization) return notAuthenticated();
    if (ofAll && user?.readsAll === false) return accessDenied();
    if (!this.ready) return notReady();
    const { leader } = this.standIn;
    if (leader === this || (!isWrite && metadata.get('requires-leader')[0] !== 'true')) return undefined;
    if (leader) return notLeader('localhost', leader.port);
    this.faults.leaderless += 1;
    return noLeader();
  };

  #serve(): void {
    const streams: IStreamsServer = {
      read: readCall(this),
      append: appendCall(this),
      // The adapter asks for none of these: batches have faults in the client, and streams are truncated, not deleted.
      batchAppend: (call) => call.emit('error', notServed()),
      delete: (_, answer) => answer(notServed()),
      tombstone: (_, answer) => answer(notServed()),
    };
    const features: IServerFeaturesServer = {
      getSupportedMethods: (_, answer) => answer(null, new featureMessages.SupportedMethods().setEventStoreServerVersion('stand-in')),
    };
    const gossip: IGossipServer = { read: (_, answer) => answer(null, this.#members()) };
    this.#server.addService(streamsService.StreamsService, streams);
    this.#server.addService(featuresService.ServerFeaturesService, features);
    this.#server.addService(gossipService.GossipService, gossip);
  }

  #members(): InstanceType<typeof gossipMessages.ClusterInfo> {
    const { nodes, leader } = this.standIn;
    const { LEADER, FOLLOWER } = gossipMessages.MemberInfo.VNodeState;
    const members = nodes.map((node) =>
      new gossipMessages.MemberInfo()
        .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
        .setState(node === leader ? LEADER : FOLLOWER)
        .setIsAlive(true)
        .setHttpEndPoint(new gossipMessages.EndPoint().setAddress('localhost').setPort(node.port)),
    );
    return new gossipMessages.ClusterInfo().setMembersList(members);
  }
}
