// Whether the kernel shall cut and join runs of datagrams (UDP_SEGMENT, UDP_GRO; udp(7)).
#pragma once

#include <cstdint>

namespace sennit::io {

enum class UdpOffload : std::uint8_t {
  kOff,
  kOn,  // where the kernel grants it
};

}  // namespace sennit::io
