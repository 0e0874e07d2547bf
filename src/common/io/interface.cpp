#include "io/interface.hpp"

#include <net/if.h>

#include <array>

namespace sennit::io {

std::string name_of(InterfaceIndex index) {
  std::array<char, IF_NAMESIZE> name{};
  const bool is_there = ::if_indextoname(static_cast<unsigned>(index.value), name.data()) != nullptr;
  return is_there ? name.data() : std::string();
}

}  // namespace sennit::io
