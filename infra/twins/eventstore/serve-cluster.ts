import { randomUUID } from 'node:crypto';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { FaultSwitch } from './fault-switch.ts';
import { uuid } from './wire-events.ts';

const STREAMS_SERVICE = 'event_store.client.streams.streams';

/** What the twin serves, as the client asks for it before it chooses how to append; with how a real server calls its features. */
const SERVED: readonly { readonly service: string; readonly method: string; readonly features: readonly string[] }[] = [
  { service: STREAMS_SERVICE, method: 'read', features: ['position', 'events'] },
  { service: STREAMS_SERVICE, method: 'append', features: [] },
  { service: STREAMS_SERVICE, method: 'batchappend', features: ['deadline_duration'] },
  { service: STREAMS_SERVICE, method: 'delete', features: [] },
  { service: STREAMS_SERVICE, method: 'tombstone', features: [] },
  { service: 'event_store.client.gossip.gossip', method: 'read', features: [] },
  { service: 'event_store.client.server_features.serverfeatures', method: 'getsupportedmethods', features: [] },
];

/** The release whose rules the twin plays. */
const PLAYED_VERSION = '23.10.8';

const serveUnlessFaulty =
  <Request, Response>(faults: FaultSwitch, respond: () => Response) =>
  (_call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void => {
    void faults.verdictOn('other', false).then((treated) => {
      if (treated.verdict === 'refuse') answer(treated.refusal);
      else if (treated.verdict === 'serve') answer(null, respond());
    });
  };

export const serveSupportedMethods = (faults: FaultSwitch) =>
  serveUnlessFaulty<shared.Empty, features.SupportedMethods>(faults, () => {
    const supported = new features.SupportedMethods().setEventStoreServerVersion(PLAYED_VERSION);
    for (const { service, method, features: names } of SERVED)
      supported.addMethods(
        new features.SupportedMethod()
          .setServiceName(service)
          .setMethodName(method)
          .setFeaturesList([...names]),
      );
    return supported;
  });

/** A cluster of one, which leads; unless the twin is told that another does. */
export const serveGossip = (
  faults: FaultSwitch,
  self: () => { readonly host: string; readonly port: number },
  nowMs: () => number,
) => {
  const instanceId = randomUUID();
  return serveUnlessFaulty<shared.Empty, gossip.ClusterInfo>(faults, () => {
    const { host, port } = self();
    const { FOLLOWER, LEADER } = gossip.MemberInfo.VNodeState;
    return new gossip.ClusterInfo().setMembersList([
      new gossip.MemberInfo()
        .setInstanceId(uuid(instanceId))
        .setTimeStamp(String(BigInt(nowMs()) * 10_000n))
        .setState(faults.current?.kind === 'not_leader' ? FOLLOWER : LEADER)
        .setIsAlive(true)
        .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port)),
    ]);
  });
};
