#include "server/tc/class_ids.hpp"

namespace sennit::server::tc {

std::optional<ClassId> ClassIds::acquire() {
  if (next_ == kRootMajor) ++next_;
  if (next_ <= kLastClass) return ClassId{next_++};
  if (released_.empty()) return std::nullopt;
  const auto id = released_.front();
  released_.pop_front();
  return id;
}

}  // namespace sennit::server::tc
