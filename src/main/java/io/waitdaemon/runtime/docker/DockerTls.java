package io.waitdaemon.runtime.docker;

import com.github.dockerjava.transport.SSLConfig;
import io.waitdaemon.runtime.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Mutual TLS from the three files that Docker clients use: ca.pem, cert.pem and key.pem. docker-java-core reads them
 * too, but brings BouncyCastle, Guava and Jackson with it.
 */
final class DockerTls implements SSLConfig {

    private static final char[] NO_PASSWORD = {};

    private final Path folder;

    DockerTls(Path folder) {
        this.folder = folder;
    }

    @Override
    public SSLContext getSSLContext() {
        try {
            KeyStore trusted = emptyStore();
            int number = 0;
            for (Certificate authority : certificates("ca.pem")) {
                trusted.setCertificateEntry("ca" + number++, authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);

            KeyStore own = emptyStore();
            Certificate[] chain = certificates("cert.pem").toArray(Certificate[]::new);
            own.setKeyEntry("client", PemKey.read(folder.resolve("key.pem")), NO_PASSWORD, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, NO_PASSWORD);

            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new EngineException(
                    EngineException.Kind.REFUSED,
                    "The TLS files in \"" + folder + "\" (DOCKER_CERT_PATH) cannot be used: " + e.getMessage()
                            + ". Give it ca.pem, cert.pem and key.pem in PEM form, the key without a password.",
                    e);
        }
    }

    private Collection<? extends Certificate> certificates(String file) throws IOException, GeneralSecurityException {
        try (InputStream pem = Files.newInputStream(folder.resolve(file))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(pem);
        }
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
