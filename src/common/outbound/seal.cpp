#include "outbound/seal.hpp"

#include "wire/outer.hpp"

namespace sennit::outbound {

static_assert(kSealOverhead == wire::SealedHeader::kSize + wire::kTagSize);

std::uint64_t seal(crypto::Session& session, base::PathId path, const base::Route& route,
                   base::ConstByteSpan frame, TransmitQueue& queue) {
  const auto datagram = queue.reserve(route, frame.size() + kSealOverhead);
  const auto counter = session.take_counter(path);
  const auto header = datagram.first<wire::SealedHeader::kSize>();
  wire::SealedHeader{path, session.remote_index(), static_cast<std::uint32_t>(counter)}.serialize(header);
  session.sender().seal(crypto::make_nonce(path, counter), header, frame,
                        datagram.subspan(wire::SealedHeader::kSize));
  return counter;
}

}  // namespace sennit::outbound
