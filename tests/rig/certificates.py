"""Certificates for TLS tests, made by openssl."""

import os
import subprocess


def make(folder, names=("server", "client")):
    """ca.pem, and NAME.pem and NAME.key signed by it, for localhost and 127.0.0.1, good for servers and clients."""
    os.makedirs(folder, exist_ok=True)

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test ca", "-keyout", "ca.key",
            "-out", "ca.pem")
    with open(os.path.join(folder, "names"), "w", encoding="utf-8") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
    for name in names:
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "2", "-extfile", "names", "-out", f"{name}.pem")


def site(folder, name, hosts, days=2):
    """NAME.crt and NAME.key for these host names, signed by itself; days=-1: it has ended yesterday."""
    os.makedirs(folder, exist_ok=True)

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
            f"{name}.key", "-out", ".request")
    with open(os.path.join(folder, ".names"), "w", encoding="utf-8") as file:
        file.write("subjectAltName=" + ",".join("DNS:" + host for host in hosts) + "\n")
    openssl("x509", "-req", "-in", ".request", "-signkey", f"{name}.key", "-days", str(days), "-extfile", ".names",
            "-out", f"{name}.crt")
