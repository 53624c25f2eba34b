package io.waitdaemon.runtime;

import io.waitdaemon.container.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS to an engine, mutual where there is a key, from PEM files. */
public final class TlsContext {

    private static final char[] NO_PASSWORD = {};

    private TlsContext() {}

    /**
     * @param origin of the files, for an error: {@code in "/certs" (DOCKER_CERT_PATH)}
     * @throws EngineException when the files cannot be used
     */
    public static SSLContext of(TlsFiles files, String origin) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    files.key().isPresent()
                            ? keys(
                                    files.certificate().orElseThrow(),
                                    files.key().get())
                            : null,
                    files.authorities().isPresent() ? trust(files.authorities().get()) : null,
                    null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new EngineException(
                    EngineException.Kind.REFUSED,
                    "The TLS files " + origin + " cannot be used: " + e.getMessage()
                            + ". They must be in PEM form, the key without a password.",
                    e);
        }
    }

    private static TrustManager @Nullable [] trust(Path authorities) throws IOException, GeneralSecurityException {
        KeyStore trusted = emptyStore();
        int number = 0;
        for (Certificate authority : certificates(authorities)) {
            trusted.setCertificateEntry("ca" + number++, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] keys(Path certificate, Path key)
            throws IOException, GeneralSecurityException {
        KeyStore own = emptyStore();
        Certificate[] chain = certificates(certificate).toArray(Certificate[]::new);
        PrivateKey privateKey = PemKey.read(key);
        if (chain.length == 0) {
            throw new KeyException("there is no certificate in " + certificate);
        }
        requirePair(privateKey, chain[0].getPublicKey(), key, certificate);
        own.setKeyEntry("client", privateKey, NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    /** The other end of a connection would just end it, without a word. */
    private static void requirePair(PrivateKey key, PublicKey ofCertificate, Path keyFile, Path certificateFile)
            throws GeneralSecurityException {
        boolean pair = key.getAlgorithm().equals(ofCertificate.getAlgorithm());
        Optional<String> algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> Optional.of("SHA256withRSA");
                    case "EC" -> Optional.of("SHA256withECDSA");
                    case "EdDSA" -> Optional.of("EdDSA");
                    default -> Optional.empty();
                };
        if (pair && algorithm.isPresent()) {
            byte[] anything = {1, 2, 3};
            Signature signature = Signature.getInstance(algorithm.get());
            signature.initSign(key);
            signature.update(anything);
            byte[] signed = signature.sign();
            signature.initVerify(ofCertificate);
            signature.update(anything);
            pair = signature.verify(signed);
        }
        if (!pair) {
            throw new KeyException(
                    "the key in " + keyFile + " does not belong to the certificate in " + certificateFile);
        }
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        try (InputStream pem = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(pem);
        }
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
