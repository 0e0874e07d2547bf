#include "shell/event_feed.hpp"

#include <nlohmann/json.hpp>

namespace sennit::shell {

namespace {

using Json = nlohmann::json;

// One function an alternative of tunnel::Event.
class Teller {
 public:
  explicit Teller(std::span<const tunnel::PeerConfig> peers) : peers_(peers) {}

  Json operator()(const tunnel::PeerUp& event) const {
    return {{"event", "peer"}, {"peer", name(event.peer)}, {"state", "up"}};
  }
  Json operator()(const tunnel::PeerDown& event) const {
    return {{"event", "peer"}, {"peer", name(event.peer)}, {"state", "down"}};
  }
  Json operator()(const tunnel::PathChanged& event) const {
    return {{"event", "path"},
            {"peer", name(event.peer)},
            {"path", event.path.value},
            {"link", event.link},
            {"from", link::to_string(event.from)},
            {"state", link::to_string(event.to)}};
  }
  Json operator()(const tunnel::PathSaturated& event) const {
    return {{"event", "saturation"},
            {"peer", name(event.peer)},
            {"path", event.path.value},
            {"link", event.link},
            {"direction", event.way == device::Way::kOut ? "tx" : "rx"},
            {"saturated", event.is_saturated},
            {"cause", link::to_string(event.cause)},
            {"capacity", event.capacity.bits_per_second}};
  }
  Json operator()(const tunnel::MtuChanged& event) const {
    return {{"event", "mtu"}, {"mtu", event.mtu.value}};
  }
  Json operator()(const tunnel::UnknownPeerCalled& /*event*/) const { return {}; }

 private:
  const std::string& name(base::PeerId peer) const { return peers_[peer.value].name; }

  std::span<const tunnel::PeerConfig> peers_;
};

}  // namespace

nlohmann::json to_json(const tunnel::Event& event, std::span<const tunnel::PeerConfig> peers) {
  return std::visit(Teller(peers), event);
}

}  // namespace sennit::shell
