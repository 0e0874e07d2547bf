#include "wire/pcapng.hpp"

namespace sennit::wire {

namespace {

constexpr std::uint32_t kSectionBlock = 0x0A0D0D0A;
constexpr std::uint32_t kInterfaceBlock = 1;
constexpr std::uint32_t kPacketBlock = 6;
constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;
constexpr std::uint16_t kRawIp = 101;

constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kInterfaceName = 2;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kSoftware = 4;
constexpr std::uint16_t kResolution = 9;
constexpr char kNanoseconds = 9;

// The file is little-endian throughout, whoever writes it.
template <class Number>
void append(std::string& text, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) text.push_back(static_cast<char>(number >> 8U * i & 0xFFU));
}

void append_padded(std::string& text, std::string_view value) {
  text.append(value);
  text.append((4 - value.size() % 4) % 4, '\0');
}

void append_option(std::string& text, std::uint16_t code, std::string_view value) {
  append(text, code);
  append(text, static_cast<std::uint16_t>(value.size()));
  append_padded(text, value);
}

void append_block(std::string& file, std::uint32_t type, std::string_view body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 12);
  append(file, type);
  append(file, length);
  file.append(body);
  append(file, length);
}

}  // namespace

void append_pcapng_section(std::string& file, std::string_view software) {
  std::string body;
  append(body, kByteOrder);
  append(body, std::uint16_t{1});
  append(body, std::uint16_t{0});
  append(body, ~std::uint64_t{0});  // the section's length is not known
  append_option(body, kSoftware, software);
  append_option(body, kEndOfOptions, {});
  append_block(file, kSectionBlock, body);
}

void append_pcapng_interface(std::string& file, std::string_view name) {
  std::string body;
  append(body, kRawIp);
  append(body, std::uint16_t{0});
  append(body, std::uint32_t{0});  // packets are whole
  append_option(body, kInterfaceName, name);
  append_option(body, kResolution, {&kNanoseconds, 1});
  append_option(body, kEndOfOptions, {});
  append_block(file, kInterfaceBlock, body);
}

void append_pcapng_packet(std::string& file, std::uint32_t interface, base::WallTime at, CaptureFlag flag,
                          base::ConstByteSpan packet) {
  const auto time = static_cast<std::uint64_t>(at.time_since_epoch().count());
  const auto size = static_cast<std::uint32_t>(packet.size());
  std::string body;
  append(body, interface);
  append(body, static_cast<std::uint32_t>(time >> 32U));
  append(body, static_cast<std::uint32_t>(time));
  append(body, size);
  append(body, size);
  append_padded(body, {reinterpret_cast<const char*>(packet.data()), packet.size()});
  std::string flags;
  append(flags, static_cast<std::uint32_t>(flag));
  append_option(body, kPacketFlags, flags);
  append_option(body, kEndOfOptions, {});
  append_block(file, kPacketBlock, body);
}

}  // namespace sennit::wire
