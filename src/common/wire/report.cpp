#include "wire/report.hpp"

namespace sennit::wire {

namespace {
constexpr std::size_t kMarkSize = 4;
constexpr std::size_t kMissingSize = 3;
}  // namespace

bool Report::add(const ArrivalMark& mark) {
  if (mark_count_ == kMaxMarks) return false;
  marks_[mark_count_++] = mark;
  return true;
}

bool Report::add(const MissingRun& run) {
  if (missing_count_ == kMaxMissing) return false;
  missing_[missing_count_++] = run;
  return true;
}

std::size_t Report::size() const {
  return kMinSize + mark_count_ * kMarkSize + missing_count_ * kMissingSize;
}

std::optional<Report> Report::parse(base::ConstByteSpan body) {
  Reader reader(body);
  Report report;
  report.path.value = reader.u8();
  const std::size_t marks = reader.u8();
  const std::size_t missing = reader.u8();
  reader.skip(1);
  report.highest = reader.u32();
  report.arrived_at = reader.u32();
  report.hold = reader.u32();
  report.received = reader.u32();
  report.received_bytes = reader.u32();
  if (report.path.value >= base::kMaxPaths || marks > kMaxMarks || missing > kMaxMissing) return std::nullopt;
  for (std::size_t i = 0; i < marks; ++i) {
    const auto behind = reader.u16();
    report.add(ArrivalMark{behind, reader.u16()});
  }
  for (std::size_t i = 0; i < missing; ++i) {
    const auto behind = reader.u16();
    report.add(MissingRun{behind, reader.u8()});
  }
  if (!reader.ok()) return std::nullopt;
  return report;
}

void Report::serialize(Writer& out) const {
  out.u8(path.value);
  out.u8(mark_count_);
  out.u8(missing_count_);
  out.zeros(1);
  out.u32(highest);
  out.u32(arrived_at);
  out.u32(hold);
  out.u32(received);
  out.u32(received_bytes);
  for (const auto& mark : marks()) {
    out.u16(mark.behind);
    out.u16(mark.before);
  }
  for (const auto& run : missing()) {
    out.u16(run.behind);
    out.u8(run.length);
  }
}

}  // namespace sennit::wire
