#include <algorithm>

#include "common/consul/codec.h"
#include "common/consul/print_parts.h"
#include "common/json/reader.h"

namespace longshore::consul {
namespace {

using json::Reader;

std::uint64_t read_modify_index(Reader& in) {
  std::uint64_t index = 0;
  in.object([&](std::string_view key) {
    if (key == "ModifyIndex")
      index = in.unsigned_integer();
    else
      in.skip();
  });
  return index;
}

ServiceMark read_mark(Reader& in) {
  ServiceMark out;
  const std::size_t place = in.place();
  in.object([&](std::string_view key) {
    if (key == "ID")
      out.id = in.text();
    else if (key == "Service")
      out.name = in.text();
    else if (key == "ModifyIndex")
      out.modify_index = in.unsigned_integer();
    else
      in.skip();
  });
  const std::string_view text = in.since(place);
  out.text_print = hash_of(text);
  out.text_length = text.size();
  return out;
}

// Consul lists services in one order, so that each is looked for where the one before it was.
class KnownMarks {
 public:
  explicit KnownMarks(const std::vector<ServiceMark>& known) : known_(known) {}

  ServiceMark take(Reader& in) {
    if (next_ < known_.size()) {
      const ServiceMark& expected = known_[next_];
      const std::string_view text = in.ahead(expected.text_length);
      if (!text.empty() && text.size() == expected.text_length && hash_of(text) == expected.text_print) {
        in.pass(text.size());
        ++next_;
        return expected;
      }
    }
    ServiceMark fresh = read_mark(in);
    const auto after = std::ranges::upper_bound(known_, fresh.id, {}, &ServiceMark::id);
    next_ = static_cast<std::size_t>(after - known_.begin());
    return fresh;
  }

 private:
  const std::vector<ServiceMark>& known_;
  std::size_t next_ = 0;
};

}  // namespace

Result<NodeMarks> decode_node_marks(std::string_view text, const std::vector<ServiceMark>& known) {
  NodeMarks out;
  KnownMarks marks(known);
  out.services.reserve(known.size());
  Reader in(text, "node services");
  in.object([&](std::string_view key) {
    if (key == "Node")
      out.node_index = read_modify_index(in);
    else if (key == "Services")
      in.array([&] { out.services.push_back(marks.take(in)); });
    else
      in.skip();
  });
  LS_TRY_STATUS(in.finish());
  return out;
}

Result<std::vector<CheckMark>> decode_check_marks(std::string_view text) {
  std::vector<CheckMark> out;
  Reader in(text, "checks");
  in.array([&] {
    CheckMark mark;
    in.object([&](std::string_view key) {
      if (key == "Node")
        mark.node = in.text();
      else if (key == "CheckID")
        mark.check_id = in.text();
      else if (key == "ServiceName")
        mark.service_name = in.text();
      else
        in.skip();
    });
    out.push_back(std::move(mark));
  });
  LS_TRY_STATUS(in.finish());
  return out;
}

Result<std::vector<std::string>> decode_node_names(std::string_view text) {
  std::vector<std::string> out;
  Reader in(text, "nodes");
  in.array([&] {
    in.object([&](std::string_view key) {
      if (key == "Node")
        out.push_back(in.text());
      else
        in.skip();
    });
  });
  LS_TRY_STATUS(in.finish());
  return out;
}

}  // namespace longshore::consul
