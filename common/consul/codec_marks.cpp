#include "common/consul/codec.h"
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
  return out;
}

}  // namespace

Result<NodeMarks> decode_node_marks(std::string_view text) {
  NodeMarks out;
  Reader in(text, "node services");
  in.object([&](std::string_view key) {
    if (key == "Node")
      out.node_index = read_modify_index(in);
    else if (key == "Services")
      in.array([&] { out.services.push_back(read_mark(in)); });
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
