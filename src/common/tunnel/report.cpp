#include "tunnel/report.hpp"

namespace sennit::tunnel {

std::string_view to_string(PeerState state) {
  switch (state) {
    case PeerState::kConnecting: return "connecting";
    case PeerState::kUp: return "up";
    case PeerState::kDown: return "down";
  }
  return "unknown";
}

}  // namespace sennit::tunnel
