// Packets as a pcapng file has them, block by block (draft-ietf-opsawg-pcapng): a section header, an
// interface for each place where packets were taken, then the packets. Only writes; times are ns since the
// epoch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/packet.hpp"
#include "base/time.hpp"

namespace sennit::wire {

// Which way a packet went, as seen from whom the file is about.
enum class CaptureFlag : std::uint32_t {
  kInbound = 1,   // towards it
  kOutbound = 2,  // from it
};

// What every file begins with; `software` names who wrote it.
void append_pcapng_section(std::string& file, std::string_view software);
// A place where packets are taken; numbered from 0 in the order of these calls. Its packets are IP, without
// any link header.
void append_pcapng_interface(std::string& file, std::string_view name);
void append_pcapng_packet(std::string& file, std::uint32_t interface, base::WallTime at, CaptureFlag flag,
                          base::ConstByteSpan packet);

}  // namespace sennit::wire
