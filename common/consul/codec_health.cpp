// The answers of which a renderer reads thousands: decoded in one pass, without a tree in between.
#include <algorithm>
#include <span>

#include "common/consul/codec.h"
#include "common/json/reader.h"

namespace longshore::consul {
namespace {

using json::Reader;

// Ports outside 0..65535 become 0: one odd instance must not hide the others.
std::uint16_t read_port(Reader& in) {
  const std::int64_t port = in.integer();
  return port < 0 || port > 65535 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
}

// False: it was null.
bool read_text_map(Reader& in, StringMap& out) {
  return in.object([&](std::string_view key) { out.insert_or_assign(std::string(key), in.text()); });
}

TaggedAddress read_tagged_address(Reader& in) {
  TaggedAddress out;
  in.object([&](std::string_view key) {
    if (key == "Address")
      out.address = in.text();
    else if (key == "Port")
      out.port = read_port(in);
    else
      in.skip();
  });
  return out;
}

Weights read_weights(Reader& in) {
  Weights out{0, 0};
  const bool there = in.object([&](std::string_view key) {
    if (key == "Passing")
      out.passing = static_cast<int>(in.integer());
    else if (key == "Warning")
      out.warning = static_cast<int>(in.integer());
    else
      in.skip();
  });
  return there ? out : Weights{};
}

Node read_node(Reader& in) {
  Node out;
  out.null_meta = out.null_tagged_addresses = true;
  in.object([&](std::string_view key) {
    if (key == "ID")
      out.id = in.text();
    else if (key == "Node")
      out.node = in.text();
    else if (key == "Address")
      out.address = in.text();
    else if (key == "Datacenter")
      out.datacenter = in.text();
    else if (key == "TaggedAddresses")
      out.null_tagged_addresses = !read_text_map(in, out.tagged_addresses);
    else if (key == "Meta")
      out.null_meta = !read_text_map(in, out.meta);
    else
      in.skip();
  });
  return out;
}

Service read_service(Reader& in) {
  Service out;
  out.null_meta = out.null_tagged_addresses = true;
  in.object([&](std::string_view key) {
    if (key == "ID")
      out.id = in.text();
    else if (key == "Service")
      out.name = in.text();
    else if (key == "Tags")
      out.tags = in.texts();
    else if (key == "Port")
      out.port = read_port(in);
    else if (key == "Address")
      out.address = in.text();
    else if (key == "Meta")
      out.null_meta = !read_text_map(in, out.meta);
    else if (key == "TaggedAddresses")
      out.null_tagged_addresses = !in.object([&](std::string_view name) {
        std::string kept(name);
        out.tagged_addresses.insert_or_assign(kept, read_tagged_address(in));
      });
    else if (key == "EnableTagOverride")
      out.enable_tag_override = in.boolean();
    else if (key == "Weights")
      out.weights = read_weights(in);
    else
      in.skip();
  });
  return out;
}

// "HTTP GET http://10.0.0.1:80/health: " of an HTTP check's output, else nothing.
std::string url_part(std::string output) {
  constexpr std::size_t kMost = 600;
  const std::size_t url = output.starts_with("HTTP ") ? output.find(": ") : std::string::npos;
  if (url > kMost) return {};
  output.resize(url + 2);
  return output;
}

bool is_further(std::string_view key) {
  constexpr std::string_view kNames[] = {"Namespace",  "Partition",   "ExposedPort", "PeerName",
                                         "Definition", "CreateIndex", "ModifyIndex"};
  return std::ranges::find(kNames, key) != std::end(kNames);
}

HealthCheck read_check(Reader& in, CheckDetail detail) {
  HealthCheck out;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"CheckID", &out.check_id},
      {"Status", &out.status},
      {"Node", &out.node},
      {"Name", &out.name},
      {"Notes", &out.notes},
      {"Output", &out.output},
      {"ServiceID", &out.service_id},
      {"Type", &out.type},
      {"ServiceName", &out.service_name},
  };
  const auto wanted = std::span(texts).first(detail == CheckDetail::full ? std::size(texts) : 2);
  in.object([&](std::string_view key) {
    const auto text = std::ranges::find(wanted, key, &std::pair<std::string_view, std::string*>::first);
    if (text != wanted.end())
      *text->second = in.text();
    else if (key == "Output")
      out.output = url_part(in.text());
    else if (key == "ServiceTags" && detail == CheckDetail::full)
      out.service_tags = in.texts();
    else if (detail == CheckDetail::full && is_further(key))
      ((((out.further += out.further.empty() ? "{\"" : ",\"") += key) += "\":") += in.raw());
    else
      in.skip();
  });
  if (!out.further.empty()) out.further += '}';
  return out;
}

ServiceEntry read_entry(Reader& in, CheckDetail detail) {
  ServiceEntry out;
  bool node = false, service = false;
  // The whole entry has to be an object, null is none.
  const bool there = in.object([&](std::string_view key) {
    if (key == "Node" && !in.null()) {
      node = true;
      out.node = read_node(in);
    } else if (key == "Service" && !in.null()) {
      service = true;
      out.service = read_service(in);
    } else if (key == "Checks") {
      in.array([&] { out.checks.push_back(read_check(in, detail)); });
    } else if (key != "Node" && key != "Service") {
      in.skip();
    }
  });
  if (in.ok() && !(there && node && service)) in.refuse("no Node or no Service");
  return out;
}

}  // namespace

Result<std::vector<ServiceEntry>> decode_health_service(std::string_view text, CheckDetail detail) {
  std::vector<ServiceEntry> out;
  Reader in(text, "instances");
  in.array([&] { out.push_back(read_entry(in, detail)); });
  LS_TRY_STATUS(in.finish());
  return out;
}

Result<ServiceNames> decode_catalog_services(std::string_view text) {
  ServiceNames out;
  Reader in(text, "services");
  in.object([&](std::string_view name) {
    std::string kept(name);
    // They come in order: each goes to the end.
    out.insert_or_assign(out.end(), std::move(kept), in.texts());
  });
  LS_TRY_STATUS(in.finish());
  return out;
}

}  // namespace longshore::consul
