// Which worker of a gateway gets a datagram: a program that the kernel runs on what has come to a port that
// they share. A sealed one goes to the worker whose session it names (tunnel/share.hpp), others to the first.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

namespace sennit::shell {

// Classic BPF for io::UdpSocket::steer(). Mirrors wire::SealedHeader.
std::vector<sock_filter> steering_program(std::uint32_t workers);

}  // namespace sennit::shell
