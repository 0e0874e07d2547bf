// Reading and writing network byte order with a sticky error: check once, at the end.
// Below every other file of wire/. Never reads or writes outside its span, for any input.
#pragma once

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <span>

#include "base/packet.hpp"

namespace sennit::wire {

class Reader {
 public:
  explicit Reader(base::ConstByteSpan bytes) : rest_(bytes) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(integer<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer<2>()); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(integer<3>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer<4>()); }
  std::uint64_t u64() { return integer<8>(); }

  // The next `count` bytes; empty after an error.
  base::ConstByteSpan bytes(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const base::ConstByteSpan taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  void skip(std::size_t count) { bytes(count); }
  base::ConstByteSpan rest() const { return rest_; }
  // False once anything was read past the end.
  bool ok() const { return ok_; }

  // Treats the input as malformed from here on.
  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  template <std::size_t kSize>
  std::uint64_t integer() {
    if (rest_.size() < kSize) {
      fail();
      return 0;
    }
    using boost::endian::order;
    const auto value = boost::endian::endian_load<std::uint64_t, kSize, order::big>(rest_.data());
    rest_ = rest_.subspan(kSize);
    return value;
  }

  base::ConstByteSpan rest_;
  bool ok_ = true;
};

class Writer {
 public:
  explicit Writer(base::ByteSpan out) : out_(out) {}
  void u8(std::uint8_t value) { integer<1>(value); }
  void u16(std::uint16_t value) { integer<2>(value); }
  // The low 24 bits.
  void u24(std::uint32_t value) { integer<3>(value); }
  void u32(std::uint32_t value) { integer<4>(value); }
  void u64(std::uint64_t value) { integer<8>(value); }

  void bytes(base::ConstByteSpan bytes) {
    const base::ByteSpan place = take(bytes.size());
    if (!place.empty()) base::copy_bytes(bytes, place);
  }

  // Leaves `count` bytes as they are.
  void skip(std::size_t count) { take(count); }
  void zeros(std::size_t count) { std::ranges::fill(take(count), std::uint8_t{0}); }
  std::size_t written() const { return written_; }
  std::size_t space() const { return out_.size() - written_; }
  // False once anything did not fit; nothing is written from then on.
  bool ok() const { return ok_; }

 private:
  // The next `count` bytes of the output; empty after an error.
  base::ByteSpan take(std::size_t count) {
    ok_ = ok_ && count <= space();
    if (!ok_) return {};
    const base::ByteSpan place = out_.subspan(written_, count);
    written_ += count;
    return place;
  }

  template <std::size_t kSize>
  void integer(std::uint64_t value) {
    const base::ByteSpan place = take(kSize);
    if (place.empty()) return;
    boost::endian::endian_store<std::uint64_t, kSize, boost::endian::order::big>(place.data(), value);
  }

  base::ByteSpan out_;
  std::size_t written_ = 0;
  bool ok_ = true;
};

// The 16-bit word at `offset`, which lies within `bytes`.
inline std::uint16_t load_u16(base::ConstByteSpan bytes, std::size_t offset) {
  return boost::endian::load_big_u16(&bytes[offset]);
}

// Puts a 16-bit word at `offset`, which lies within `bytes`.
inline void store_u16(base::ByteSpan bytes, std::size_t offset, std::uint16_t value) {
  boost::endian::store_big_u16(&bytes[offset], value);
}

// The same of 32-bit words.
inline std::uint32_t load_u32(base::ConstByteSpan bytes, std::size_t offset) {
  return boost::endian::load_big_u32(&bytes[offset]);
}
inline void store_u32(base::ByteSpan bytes, std::size_t offset, std::uint32_t value) {
  boost::endian::store_big_u32(&bytes[offset], value);
}

}  // namespace sennit::wire
