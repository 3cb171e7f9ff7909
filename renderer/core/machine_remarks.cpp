// The part of the machine that passes on what templates have to say.
#include "renderer/core/machine.h"

namespace longshore::render {

// Each is logged when it comes and when it goes, however often the template runs.
void RenderMachine::take_remarks(TemplateState& state, Remarks remarks) {
  if (state.remarks == remarks) return;
  for (const std::string& text : remarks.texts())
    if (!state.remarks.texts().contains(text))
      say(base::Level::warn, "template_remark", {{"template", state.spec.label()}, {"remark", text}});
  for (const std::string& text : state.remarks.texts())
    if (!remarks.texts().contains(text))
      say(base::Level::info, "template_remark_gone", {{"template", state.spec.label()}, {"remark", text}});
  if (remarks.more() > state.remarks.more())
    say(base::Level::warn, "template_remarks_cut",
        {{"template", state.spec.label()}, {"more", std::to_string(remarks.more())}});
  state.remarks = std::move(remarks);
}

}  // namespace longshore::render
