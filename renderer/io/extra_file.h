// writeToFile of templates: whole files are replaced as a template's own, which the original writes in place.
#pragma once
#include "renderer/core/extra_file.h"
#include "renderer/io/file_store.h"

namespace longshore::render {

// Missing parents are made. Errors as the original's: io when the file or its folder is a symbolic link.
Status write_extra(Files& files, const ExtraFile& extra, Writer writer = {});

}  // namespace longshore::render
