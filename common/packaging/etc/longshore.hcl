# Read by `longshore agent`, `longshore render` and `longshore up` where no -config is given. agent {} is the agent's, host {} is
# for deploys, all the rest is the renderer's, with the keys of consul-template. An unknown key is an error with its line.

# The options of `longshore agent -h`; a dash may be an underscore. Read when the agent starts.
# agent {
#   uri          = "consul://127.0.0.1:8500"
#   internal     = true
#   address_from = ["route", "10.0.0.0/8"]
# }

# consul {
#   address = "127.0.0.1:8500"
# }

# Every service whose containers carry SERVICE_HOST becomes a site of nginx.
# template {
#   source      = "/usr/share/longshore/templates/site.conf.ctmpl"
#   destination = "/etc/nginx/conf.d/site.conf"
#   command     = ["nginx", "-s", "reload"]
# }
