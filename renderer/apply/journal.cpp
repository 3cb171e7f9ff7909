#include "renderer/apply/journal.h"

#include "common/json/fields.h"

namespace longshore::render::apply {

std::string to_text(const Journal& journal) {
  json::Value out;
  out["version"] = 1;
  out["phase"] = journal.phase == Journal::Phase::swapping ? "swapping" : "restoring";
  out["files"] = json::Value::array();
  for (const Journal::File& file : journal.files) {
    json::Value one;
    one["target"] = file.target;
    one["staged"] = file.staged;
    one["previous"] = file.previous;
    one["created"] = file.created;
    one["hash"] = file.hash;
    out["files"].push_back(std::move(one));
  }
  return json::dump(out);
}

Result<Journal> parse_journal(std::string_view text) {
  LS_TRY(document, json::parse(text, "journal"));
  const json::Fields fields(document, "journal");
  LS_TRY(version, fields.integer("version"));
  if (version != 1) return fail(Errc::protocol, "journal: version " + std::to_string(version) + " is not known");
  Journal out;
  LS_TRY(phase, fields.text("phase"));
  if (phase == "restoring") out.phase = Journal::Phase::restoring;
  LS_TRY(files, fields.array("files"));
  if (files == nullptr) return out;
  for (const json::Value& one : *files) {
    const json::Fields file(one, "files");
    Journal::File& into = out.files.emplace_back();
    LS_TRY(target, file.text("target"));
    LS_TRY(staged, file.text("staged"));
    LS_TRY(previous, file.text("previous"));
    LS_TRY(created, file.boolean("created"));
    LS_TRY(hash, file.unsigned_integer("hash"));
    into.target = target;
    into.staged = staged;
    into.previous = previous;
    into.created = created;
    into.hash = hash;
  }
  return out;
}

}  // namespace longshore::render::apply
