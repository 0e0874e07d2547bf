#include "tunnel/acceptor.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace sennit::tunnel {

Acceptor::Acceptor(const EndpointConfig& config, Outputs& outputs, IndexSource new_index)
    : out_(outputs),
      share_(config.share),
      new_index_(std::move(new_index)),
      addresses_(config.addresses),
      software_(config.software),
      admission_(config.private_key.public_key()),
      responder_(config.private_key) {}

void Acceptor::add_peer(Peer& peer) {
  known_[peer.config().public_key].peer = &peer;
}

void Acceptor::reply(const base::InboundDatagram& to, base::ConstByteSpan answer) {
  const base::Route route{to.socket, to.local, to.remote};
  base::copy_bytes(answer, out_.transmit.reserve(route, answer.size()));
}

Peer* Acceptor::handle_initiation(const base::InboundDatagram& datagram, base::Instant now) {
  const auto initiation = parse(datagram, now);
  return initiation && admit(*initiation, datagram, now) ? handle(*initiation, datagram, now) : nullptr;
}

Peer* Acceptor::handle_admitted(const base::InboundDatagram& datagram, base::Instant now) {
  const auto initiation = parse(datagram, now);
  return initiation ? handle(*initiation, datagram, now) : nullptr;
}

std::optional<wire::Initiation> Acceptor::parse(const base::InboundDatagram& datagram, base::Instant now) {
  const auto initiation = wire::Initiation::parse(datagram.bytes);
  if (!initiation) {
    out_.drops.count(base::DropReason::kTooShort);
    return std::nullopt;
  }
  if (const auto answer = responder_.recall(*initiation, now); !answer.empty()) {
    reply(datagram, answer);
    return std::nullopt;
  }
  return initiation;
}

Peer* Acceptor::handle(const wire::Initiation& initiation, const base::InboundDatagram& datagram,
                       base::Instant now) {
  auto call = responder_.read(initiation);
  if (!call) {
    out_.drops.count(base::DropReason::kBadHandshake);
    return nullptr;
  }
  const auto found = known_.find(call->caller());
  if (found == known_.end()) {
    out_.drops.count(base::DropReason::kUnknownPeer);
    report_stranger(call->caller(), datagram.remote, now);
    return nullptr;
  }
  const auto id = found->second.peer->id();
  if (!share_.owns(id)) {
    out_.strays.push_back({share_.owner_of(id), datagram});
    return nullptr;
  }
  return accept(*call, found->second, datagram, now);
}

bool Acceptor::admit(const wire::Initiation& initiation, const base::InboundDatagram& datagram,
                     base::Instant now) {
  const auto verdict = admission_.admit(initiation, datagram.remote, now);
  if (const auto* reason = std::get_if<base::DropReason>(&verdict)) {
    out_.drops.count(*reason);
    return false;
  }
  if (const auto* cookie = std::get_if<wire::CookieReply>(&verdict)) {
    out_.drops.count(base::DropReason::kCookieRequired);
    std::array<std::uint8_t, wire::CookieReply::kSize> answer{};
    cookie->serialize(answer);
    reply(datagram, answer);
    return false;
  }
  return true;
}

Peer* Acceptor::accept(control::Call& call, Known& known, const base::InboundDatagram& datagram,
                       base::Instant now) {
  if (call.fields.timestamp <= known.newest_timestamp) {
    out_.drops.count(base::DropReason::kReplayedHandshake);
    return nullptr;
  }
  Peer& peer = *known.peer;
  wire::ResponseFields fields;
  fields.index = new_index_();
  fields.addresses = peer.config().addresses;
  fields.gateway_addresses = addresses_;
  fields.software = software_;
  std::ranges::copy_if(
      call.fields.networks, std::back_inserter(fields.networks), [&](const base::Prefix& network) {
        return std::ranges::find(peer.config().allowed, network.network(), &base::Prefix::network) !=
               peer.config().allowed.end();
      });
  const auto index = fields.index;
  auto answer = responder_.answer(call, peer.config().preshared_key, std::move(fields), now);
  if (!answer) {
    out_.drops.count(base::DropReason::kBadHandshake);
    return nullptr;
  }
  known.newest_timestamp = call.fields.timestamp;
  PeerUp greeting{peer.id(), answer->keys.cipher, {}, {}, call.fields.networks};
  peer.add_unconfirmed(crypto::Session(index, call.index, answer->keys), std::move(greeting), now);
  reply(datagram, answer->datagram);
  return &peer;
}

void Acceptor::report_stranger(const crypto::PublicKey& key, const base::SocketAddress& from,
                               base::Instant now) {
  if (last_stranger_ != base::Instant::min() && now - last_stranger_ < std::chrono::seconds(1)) return;
  last_stranger_ = now;
  out_.events.emplace_back(UnknownPeerCalled{key, from});
}

}  // namespace sennit::tunnel
