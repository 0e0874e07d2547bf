#include "inbound/open.hpp"

namespace sennit::inbound {

std::variant<Opened, base::DropReason> open(crypto::Session& session, const wire::SealedHeader& header,
                                            base::ByteSpan datagram) {
  const auto& window = session.peek_window(header.path);
  const auto counter = window.reconstruct(header.counter_low);
  if (!window.is_fresh(counter)) return base::DropReason::kReplayed;
  const auto sealed = datagram.subspan(wire::SealedHeader::kSize);
  const auto associated = datagram.first(wire::SealedHeader::kSize);
  if (!session.receiver().open_in_place(crypto::make_nonce(header.path, counter), associated, sealed)) {
    return base::DropReason::kBadTag;
  }
  return Opened{sealed.first(sealed.size() - wire::kTagSize), counter,
                session.window(header.path).accept(counter)};
}

}  // namespace sennit::inbound
