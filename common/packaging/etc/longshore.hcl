# Read by `longshore agent` and `longshore render` where no -config is given. The keys are those of consul-template; an
# unknown one is an error with its line.

# consul {
#   address = "127.0.0.1:8500"
# }

# Every service whose containers carry SERVICE_HOST becomes a site of nginx.
# template {
#   source      = "/usr/share/longshore/templates/site.conf.ctmpl"
#   destination = "/etc/nginx/conf.d/site.conf"
#   command     = ["nginx", "-s", "reload"]
# }
