// Frames: the plaintext of a sealed datagram. What parses is written again and parses to the same.
#include <algorithm>
#include <vector>

#include "fuzz/require.hpp"
#include "wire/frames.hpp"

namespace {

using namespace sennit;
using fuzz::require;

void check_data(base::ConstByteSpan frame) {
  const auto header = wire::DataHeader::parse(frame);
  if (!header) return;
  std::array<std::uint8_t, wire::DataHeader::kSize> written{};
  header->serialize(written);
  require(std::ranges::equal(written, frame.first(written.size())), "a data header comes out as it came in");
  const auto position = wire::FragmentPosition::from_flags(header->flags);
  require(position.to_flags() == header->flags, "a fragment's position survives");
}

void check_bundle(base::ConstByteSpan frame) {
  std::vector<std::uint8_t> plaintext(frame.begin(), frame.end());
  std::vector<std::uint8_t> written(frame.size());
  wire::BundleReader reader(plaintext);
  wire::BundleWriter writer(written);
  while (const auto packet = reader.next())
    require(writer.add(*packet), "a bundled packet fits where it was");
  if (!reader.ok()) return;
  require(writer.written() == frame.size(), "a bundle keeps its length");
  written[1] = plaintext[1];  // any value is taken, zero is written
  require(written == plaintext, "a bundle comes out as it came in");
}

// The body of the only message in a frame that `message` was written to.
template <class Message>
std::vector<std::uint8_t> written_body(const Message& message) {
  std::vector<std::uint8_t> frame(256);
  wire::ControlWriter writer(frame);
  writer.add(message);
  require(writer.ok(), "a message fits into 256 bytes");
  wire::ControlReader reader(base::ConstByteSpan(frame).first(writer.written()));
  const auto read = reader.next();
  require(read && !reader.next() && reader.ok(), "a message that was written is found");
  return {read->body.begin(), read->body.end()};
}

// Parsed, written, parsed and written: both times the same bytes.
template <class Message>
void check_message(base::ConstByteSpan body) {
  const auto message = Message::parse(body);
  if (!message) return;
  const auto written = written_body(*message);
  require(written.size() <= body.size(), "a body does not grow");
  const auto again = Message::parse(written);
  require(again && written_body(*again) == written, "a message survives");
}

void check_control(base::ConstByteSpan frame) {
  wire::ControlReader reader(frame);
  std::size_t bytes = 1;
  while (const auto message = reader.next()) {
    bytes += 3 + message->body.size();
    check_message<wire::Probe>(message->body);
    check_message<wire::PathAnnouncement>(message->body);
    check_message<wire::Close>(message->body);
    check_message<wire::Report>(message->body);
    check_message<wire::CapacityNote>(message->body);
  }
  if (reader.ok()) require(bytes == frame.size(), "the messages fill the frame");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_data({data, size});
  check_bundle({data, size});
  check_control({data, size});
  return 0;
}
