// An application that sends as much as it can from one device to another over one connection: TCP with Cubic
// or BBR, or a QUIC-like protocol over UDP. Puts sender, receiver, congestion control and format together,
// with TCP's handshake, so that the tunnel's clamp of the segment size is what decides the size.
// Invariant: goodput counts bytes that the receiving application got, in order, each once.
#pragma once

#include <memory>
#include <string_view>

#include "sim/bulk_receiver.hpp"
#include "sim/bulk_sender.hpp"
#include "sim/device.hpp"
#include "sim/inner_tcp.hpp"
#include "sim/transfer_format.hpp"

namespace sennit::sim {

enum class TransferKind : std::uint8_t { kCubic, kBbr, kQuic };
std::string_view to_string(TransferKind kind);

class Transfer {
 public:
  // `number` tells applications apart: it is the port of both ends.
  Transfer(Network& network, Device& from, Device& to, std::uint16_t number, TransferKind kind);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void start();
  void stop();
  // Begins to count anew.
  void reset();

  // Since the last reset().
  base::BitRate goodput() const;
  // Of a full packet: what the application gets of it, and its size; zero until connected.
  base::Bytes payload() const { return {payload_}; }
  base::Bytes packet_size() const;
  const SenderCounters& sender() const { return sender_.counters(); }
  const BulkSender& sending() const { return sender_; }
  BulkReceiver& receiver() { return receiver_; }

 private:
  Protocol protocol() const { return kind_ == TransferKind::kQuic ? Protocol::kQuic : Protocol::kTcp; }
  void connect();
  void take_syn(const InnerTcp& tcp);
  void begin(std::size_t payload);
  void at_sender(base::ConstByteSpan packet);
  void at_receiver(base::ConstByteSpan packet);
  void emit(const std::vector<Segment>& segments);

  Network& network_;
  Device& from_;
  Device& to_;
  base::SocketAddress source_;
  base::SocketAddress destination_;
  TransferKind kind_;
  BulkSender sender_;
  BulkReceiver receiver_;
  std::unique_ptr<TransferFormat> sender_format_;
  std::unique_ptr<TransferFormat> receiver_format_;
  Timer connect_timer_;
  std::size_t payload_ = 0;
  bool is_stopped_ = false;
  base::Instant counted_from_;
  std::uint64_t counted_segments_ = 0;
};

}  // namespace sennit::sim
