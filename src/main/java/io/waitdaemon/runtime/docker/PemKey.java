package io.waitdaemon.runtime.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A private key from a PEM file: PKCS #8 of any algorithm, or the PKCS #1 form that older OpenSSL versions write. */
final class PemKey {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN (RSA )?PRIVATE KEY-----([^-]+)-----END (?:RSA )?PRIVATE KEY-----");
    private static final String[] ALGORITHMS = {"RSA", "EC", "EdDSA"};

    /** Version 0 and the identifier of rsaEncryption: what PKCS #8 (RFC 5208 §5) puts before a PKCS #1 key. */
    private static final byte[] RSA_HEADER = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private static final int DER_SEQUENCE = 0x30;
    private static final int DER_OCTET_STRING = 0x04;

    private PemKey() {}

    static PrivateKey read(Path file) throws IOException, GeneralSecurityException {
        Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!block.find()) {
            throw new InvalidKeyException(
                    file.getFileName()
                            + " holds no unencrypted PRIVATE KEY or RSA PRIVATE KEY (openssl pkcs8 -topk8 -nodes converts others)");
        }
        byte[] der = Base64.getMimeDecoder().decode(block.group(2));
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(block.group(1) == null ? der : wrap(der));
        InvalidKeySpecException refusal = new InvalidKeySpecException("no algorithm fits");
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                refusal = e;
            }
        }
        throw new InvalidKeyException(
                file.getFileName() + " holds a key that is neither RSA nor EC nor EdDSA", refusal);
    }

    private static byte[] wrap(byte[] rsaKey) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(RSA_HEADER);
        content.writeBytes(element(DER_OCTET_STRING, rsaKey));
        return element(DER_SEQUENCE, content.toByteArray());
    }

    /** A DER element whose length takes the two-byte form, which every RSA key does. */
    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        element.write(0x82);
        element.write(content.length >> 8);
        element.write(content.length);
        element.writeBytes(content);
        return element.toByteArray();
    }
}
