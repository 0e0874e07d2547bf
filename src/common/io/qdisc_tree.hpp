// The qdiscs, classes and filters at the egress of an interface, as the kernel tells them: to see whose they
// are, to remember them, and to make them again.
// Used by the server's tc before it puts its own tree there, and by Journal after a crash.
// Does not remember queued packets, counters, and what the kernel does not tell (u32 hash tables, size
// tables). Reasons: docs/shaping.md, "Whose it is".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/interface.hpp"
#include "io/netlink_socket.hpp"

struct tcmsg;

namespace sennit::io {

// The major number of the handle that only roots of ours have.
inline constexpr std::uint16_t kOurQdisc = 0x5e77;

enum class QdiscOwner {
  kKernel,    // it comes back by itself
  kOurs,      // of this run or of one that was killed
  kSomebody,  // somebody configured it
};

class QdiscTree {
 public:
  QdiscTree() = default;
  // As it is now.
  QdiscTree(NetlinkSocket& socket, InterfaceIndex interface);
  // As to_text() wrote it; what is damaged is left out.
  static QdiscTree from_text(std::string_view text);

  QdiscOwner owner() const { return owner_; }
  // The root's kind, "fq_codel".
  const std::string& kind() const { return kind_; }
  // One word, for the journal.
  std::string to_text() const;
  // Makes it again, where no root but the kernel's is. False where a part could not be made.
  [[nodiscard]] bool make(NetlinkSocket& socket, InterfaceIndex interface) const;

 private:
  // A message without what differs from one moment to the next.
  struct Part {
    std::uint16_t type = 0;
    std::vector<std::uint8_t> payload;
    tcmsg header() const;
  };

  static bool stands_on(const Part& part, const Part& other);

  void read_qdiscs(NetlinkSocket& socket, InterfaceIndex interface);
  void read_classes(NetlinkSocket& socket, InterfaceIndex interface);
  void read_filters(NetlinkSocket& socket, InterfaceIndex interface, std::uint32_t parent);

  QdiscOwner owner_ = QdiscOwner::kKernel;
  std::string kind_;
  std::vector<Part> parts_;
};

// Takes a root of ours away, if one is there, and makes the tree that this text tells.
[[nodiscard]] bool put_back_qdiscs(const std::string& interface, std::string_view text);

}  // namespace sennit::io
