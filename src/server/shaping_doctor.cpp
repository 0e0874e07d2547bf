#include "server/shaping_doctor.hpp"

#include "server/tc/probe.hpp"

namespace sennit::server {

namespace {

using shell::Finding;
using shell::Verdict;

Finding kind(const std::string& name, tc::Support support, const std::string& without,
             const std::string& remedy) {
  if (support == tc::Support::kPresent) return {name, Verdict::kGood, "works", {}};
  return {name, Verdict::kNote, "not there: " + without, remedy};
}

Finding classifier(const tc::Capabilities& found) {
  const std::string name = "tc-classifier";
  if (!found.classifier)
    return {name, Verdict::kNote, "none works: no shaping by tc", "load one with `modprobe cls_fw`"};
  switch (*found.classifier) {
    case tc::Classifier::kFw: return {name, Verdict::kGood, "fw filter on the mark", {}};
    case tc::Classifier::kBpf: return {name, Verdict::kGood, "classic BPF on the mark, instead of fw", {}};
    case tc::Classifier::kPriority: break;
  }
  return {name, Verdict::kGood, "nftables sets the priority, instead of a filter", {}};
}

}  // namespace

std::vector<Finding> examine_shaping() {
  const auto found = tc::probe_capabilities();
  if (!found) return {{"tc", Verdict::kNote, "cannot be tried", "run `sennit doctor` as root"}};
  return {kind("tc-htb", found->htb, "no shaping by tc", "load it with `modprobe sch_htb`"),
          classifier(*found),
          kind("tc-netem", found->netem, "tc has rates and queues only",
               "load it with `modprobe sch_netem`, or let the tunnel impair"),
          kind("tc-fq_codel", found->fq_codel, "aqm=fq_codel is refused by tc",
               "load it with `modprobe sch_fq_codel`")};
}

}  // namespace sennit::server
