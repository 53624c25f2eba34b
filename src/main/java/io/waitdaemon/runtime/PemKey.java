package io.waitdaemon.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
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

/**
 * A private key from a PEM file: PKCS #8 of any algorithm, or what older OpenSSL versions and some commands of the newer
 * ones write, PKCS #1 for RSA and SEC 1 for elliptic curves. Docker's own clients take all three.
 */
final class PemKey {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN (RSA |EC )?PRIVATE KEY-----([^-]+)-----END (?:RSA |EC )?PRIVATE KEY-----");
    private static final String[] ALGORITHMS = {"RSA", "EC", "EdDSA"};

    /** Version 0 and the identifiers of algorithms: what PKCS #8 (RFC 5208 §5) puts before the key itself. */
    private static final byte[] VERSION = HexFormat.of().parseHex("020100");

    private static final byte[] RSA = HexFormat.of().parseHex("06092a864886f70d0101010500");
    private static final byte[] EC_PUBLIC_KEY = HexFormat.of().parseHex("06072a8648ce3d0201");

    private static final int DER_OCTET_STRING = 0x04;
    private static final int DER_SEQUENCE = 0x30;
    /** Of SEC 1 (RFC 5915 §3): the curve's identifier. */
    private static final int DER_PARAMETERS = 0xa0;

    private PemKey() {}

    static PrivateKey read(Path file) throws IOException, GeneralSecurityException {
        Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!block.find()) {
            throw new InvalidKeyException(
                    file.getFileName()
                            + " holds no unencrypted PRIVATE KEY or RSA PRIVATE KEY (openssl pkcs8 -topk8 -nodes converts others)");
        }
        PKCS8EncodedKeySpec spec;
        try {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            spec = new PKCS8EncodedKeySpec(
                    switch (block.group(1)) {
                        case "RSA " -> wrap(RSA, der);
                        case "EC " -> wrap(concat(EC_PUBLIC_KEY, curve(der)), der);
                        case null, default -> der;
                    });
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw new InvalidKeyException(file.getFileName() + " is damaged", e);
        }
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

    private static byte[] wrap(byte[] algorithm, byte[] key) {
        return element(DER_SEQUENCE, concat(VERSION, element(DER_SEQUENCE, algorithm), element(DER_OCTET_STRING, key)));
    }

    /** What stands for the curve in a SEC 1 key: a sequence of version, key, parameters and public key. */
    private static byte[] curve(byte[] key) {
        ByteBuffer der = ByteBuffer.wrap(key);
        der.get();
        length(der);
        while (der.hasRemaining()) {
            int tag = Byte.toUnsignedInt(der.get());
            byte[] content = new byte[length(der)];
            der.get(content);
            if (tag == DER_PARAMETERS) {
                return content;
            }
        }
        throw new IllegalArgumentException("the key does not name its curve");
    }

    /** A length of DER (X.690 §8.1.3); more than two bytes of it no key needs. */
    private static int length(ByteBuffer der) {
        int first = Byte.toUnsignedInt(der.get());
        return switch (first) {
            case 0x81 -> Byte.toUnsignedInt(der.get());
            case 0x82 -> Short.toUnsignedInt(der.getShort());
            default -> {
                if (first > 0x82) {
                    throw new IllegalArgumentException("a length of more than two bytes");
                }
                yield first;
            }
        };
    }

    private static byte[] element(int tag, byte[] content) {
        int length = content.length;
        byte[] header = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return concat(header, content);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }
}
