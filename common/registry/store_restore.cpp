// Reading back what an earlier run wrote down.
#include "common/registry/store.h"
#include "common/base/text.h"
#include "common/registry/rows.h"

namespace longshore::registry {

std::vector<std::string> Store::restore(const std::vector<Row>& rows, base::TimePoint now) {
  std::vector<std::string> problems;
  // A node that was renamed takes its services and checks along.
  std::string old_node = identity_.node;
  for (const Row& row : rows)
    if (row.kind == "meta" && row.key == "node" && row.value) old_node = *row.value;
  for (const Row& row : rows)
    if (const Status done = restore_row(row, old_node, now); !done) problems.push_back(done.error().text);
  if (rows.empty()) return problems;
  for (auto& [id, local] : local_checks_) {
    const CheckRecord* record = catalog_.check(own(id));
    if (record == nullptr) continue;
    local.output = record->value.output;
    if (record->value.status == "critical") local.critical_since = now;
  }
  if (old_node != identity_.node) rewrite_rows(rows);
  index_ = std::max(index_, reserved_);
  for (const auto& [id, record] : catalog_.services()) index_ = std::max(index_, record.modified);
  for (const auto& [id, record] : catalog_.checks()) index_ = std::max(index_, record.modified);
  for (const consul::KvPair* pair : kv_.list("")) index_ = std::max(index_, pair->modify_index);
  for (const auto& [id, session] : sessions_) index_ = std::max(index_, session.modified);
  reserved_ = 0;
  next_index();
  catalog_.start_at(index_);
  kv_.start_at(index_);
  sessions_index_ = index_;
  return problems;
}

void Store::rewrite_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows)
    if (row.kind == "node" || row.kind == "service" || row.kind == "check" || row.kind == "session")
      changes_.rows.push_back(Row{row.kind, row.key, std::nullopt});
  for (const auto& [name, node] : catalog_.nodes()) changes_.rows.push_back(node_row(node));
  for (const auto& [id, service] : catalog_.services()) changes_.rows.push_back(service_row(id.first, service));
  for (const auto& [id, check] : catalog_.checks()) changes_.rows.push_back(check_row(check));
  for (const auto& [id, session] : sessions_) changes_.rows.push_back(session_row(session));
}

Status Store::restore_row(const Row& row, const std::string& old_node, base::TimePoint now) {
  const auto renamed = [&](const std::string& node) { return node == old_node ? identity_.node : node; };
  if (row.kind == "node") {
    LS_TRY(node, node_of(row));
    node.value.node = renamed(node.value.node);
    catalog_.restore(std::move(node));
  } else if (row.kind == "service") {
    LS_TRY(service, service_of(row));
    catalog_.restore(renamed(service.first), std::move(service.second));
  } else if (row.kind == "check") {
    LS_TRY(check, check_of(row));
    check.value.node = renamed(check.value.node);
    catalog_.restore(std::move(check));
  } else if (row.kind == "definition") {
    LS_TRY(local, definition_of(row));
    local.generation = ++generation_;
    if (local.definition.ttl > base::Duration{}) local.ttl_until = now + local.definition.ttl;
    if (is_alias(local.definition)) aliases_.insert(row.key);
    local_checks_[row.key] = std::move(local);
    changes_.checks_to_run = true;
  } else if (row.kind == "kv") {
    LS_TRY(pair, kv_of(row));
    kv_.restore(std::move(pair));
  } else if (row.kind == "session") {
    LS_TRY(session, session_of(row));
    session.node = renamed(session.node);
    // Nobody could renew while the registry was away.
    session.expires = now + session.ttl * 2;
    sessions_[session.id] = std::move(session);
  } else if (row.kind == "meta" && row.key == "index") {
    reserved_ = base::parse_uint(row.value.value_or("")).value_or(0);
  }
  return {};
}

}  // namespace longshore::registry
