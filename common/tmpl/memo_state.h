// What a Memo holds. Internal to the evaluator.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/tmpl/ast.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/memo.h"

namespace longshore::tmpl {

struct Memo::State {
  struct Pass {
    Value index, element;
    std::string text;
    std::uint64_t steps = 0;
    std::unique_ptr<const HostReads> reads;  // null: not kept
    // The node that ran last, for errors.
    std::uint8_t at_kind = 0;
    const void* at_node = nullptr;
  };
  struct Loop {
    bool keeps = false;
    std::vector<Pass> passes;  // in the order of the evaluation
    std::size_t next = 0;
  };
  std::map<const BranchNode*, Loop> loops;
};

// May the passes of this loop be kept, and is there anything to gain: does its body ask the host?
bool keeps_passes(const TemplateSet& set, const BranchNode& loop);

// The same object, or equal numbers or strings; false for whatever may change in place.
bool same_element(const Value& left, const Value& right);

}  // namespace longshore::tmpl
