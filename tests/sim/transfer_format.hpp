// How a transfer's segments and acknowledgements look as packets: TCP, or QUIC-like over UDP (the sizes of
// RFC 9000, a layout of our own, in clear). One object an end, for one connection.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "sim/bulk_sender.hpp"
#include "sim/segment.hpp"

namespace sennit::sim {

class TransferFormat {
 public:
  using Bytes = std::vector<std::uint8_t>;

  TransferFormat() = default;
  virtual ~TransferFormat() = default;
  TransferFormat(const TransferFormat&) = delete;
  TransferFormat& operator=(const TransferFormat&) = delete;

  virtual Bytes write(const Segment& segment) = 0;
  virtual Bytes write(const Acknowledgement& acknowledgement) = 0;
  // Of packets that came from the other end; none: something else.
  virtual std::optional<Segment> read_segment(base::ConstByteSpan packet) = 0;
  virtual std::optional<Acknowledgement> read_acknowledgement(base::ConstByteSpan packet) = 0;
};

// `payload` is what a segment brings the application.
std::unique_ptr<TransferFormat> make_tcp_format(const base::SocketAddress& own,
                                                const base::SocketAddress& other, std::size_t payload);
std::unique_ptr<TransferFormat> make_quic_format(const base::SocketAddress& own,
                                                 const base::SocketAddress& other, std::size_t payload);
// Bytes of a full packet that are not payload.
std::size_t format_overhead(Protocol protocol, base::Family family);

}  // namespace sennit::sim
