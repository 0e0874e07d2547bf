#include "crypto/session.hpp"

namespace sennit::crypto {

Session::Session(base::SessionIndex local, base::SessionIndex remote, const SessionKeys& keys)
    : local_(local),
      remote_(remote),
      cipher_(keys.cipher),
      send_(make_aead(keys.cipher, derive_transport_key(keys.cipher, keys.send))),
      receive_(make_aead(keys.cipher, derive_transport_key(keys.cipher, keys.receive))) {}

const ReplayWindow& Session::peek_window(base::PathId path) const {
  static const ReplayWindow kEmpty;
  const auto& window = windows_[path.value];
  return window ? *window : kEmpty;
}

ReplayWindow& Session::window(base::PathId path) {
  auto& window = windows_[path.value];
  if (!window) window = std::make_unique<ReplayWindow>();
  return *window;
}

}  // namespace sennit::crypto
