#include "impair/overhead.hpp"

#include <algorithm>
#include <array>

namespace sennit::impair {

namespace {

constexpr std::array kNamed{
    NamedOverhead{"none", {}},
    NamedOverhead{"ethernet", {38, 84, Framing::kPlain}},
    NamedOverhead{"docsis", {18, 64, Framing::kPlain}},
    NamedOverhead{"ptm", {22, 0, Framing::kPtm}},
    NamedOverhead{"pppoe-ptm", {30, 0, Framing::kPtm}},
    NamedOverhead{"pppoa-vc", {10, 0, Framing::kAtm}},
    NamedOverhead{"pppoa-llc", {14, 0, Framing::kAtm}},
    NamedOverhead{"pppoe-vc", {32, 0, Framing::kAtm}},
    NamedOverhead{"pppoe-llc", {40, 0, Framing::kAtm}},
    NamedOverhead{"bridged-vc", {24, 0, Framing::kAtm}},
    NamedOverhead{"bridged-llc", {32, 0, Framing::kAtm}},
    NamedOverhead{"ipoa-vc", {8, 0, Framing::kAtm}},
    NamedOverhead{"ipoa-llc", {16, 0, Framing::kAtm}},
    NamedOverhead{"conservative", {48, 0, Framing::kAtm}},
};

constexpr std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit;
}

}  // namespace

std::uint32_t Overhead::on_wire(std::uint32_t size) const {
  std::int64_t bytes_on_wire = std::max<std::int64_t>({std::int64_t{size} + bytes, least, 1});
  if (framing == Framing::kAtm) bytes_on_wire = round_up(bytes_on_wire, 48) * 53;
  if (framing == Framing::kPtm) bytes_on_wire += round_up(bytes_on_wire, 64);
  return static_cast<std::uint32_t>(bytes_on_wire);
}

std::span<const NamedOverhead> named_overheads() {
  return kNamed;
}

}  // namespace sennit::impair
