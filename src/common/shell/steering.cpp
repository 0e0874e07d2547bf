#include "shell/steering.hpp"

#include "base/units.hpp"
#include "wire/outer.hpp"

namespace sennit::shell {

// A load beyond the datagram's end ends the program with 0: the first worker, which counts such.
std::vector<sock_filter> steering_program(std::uint32_t workers) {
  constexpr auto kSealed = static_cast<std::uint32_t>(wire::MessageType::kSealed);
  return {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 5),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSealed, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, base::kMaxSessionIndex),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, workers),
      BPF_STMT(BPF_RET | BPF_A, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
}

}  // namespace sennit::shell
