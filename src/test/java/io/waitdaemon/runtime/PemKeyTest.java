package io.waitdaemon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Is every form of a private key that OpenSSL writes read? The keys were made for this test by OpenSSL 3.0.19. */
class PemKeyTest {

    /** {@code openssl genrsa -traditional 1024}. */
    private static final String RSA_PKCS1 = """
            -----BEGIN RSA PRIVATE KEY-----
            MIICXAIBAAKBgQCydMbj0JkltKN/3D7pZUxzMRMOEMr8zFjq+A9Q3WcHRvarh+3S
            c4+14lMi/KR+mxj/uYE1KVzG3UWDsdqBqYrfHsbpcWdK/igAMc/ZqDVGDSeNaZoS
            2rAPjBW1YY6Hp9WUBDiD7L3dxj5MXoy+QfjoXtGt1TWTrDQaFA6Csz4A3wIDAQAB
            AoGAW6On9pjJ7Bjk1OXO0J+aMJUEyfZJpqNxDcgwZUAshgok5VS6BZYeODJuqsq9
            1d3jan5iIWCKKfy6k7QjFu5vRuQijW9ezHhMgmuDOfYRzUkUb6LKvN56knRtLMMK
            gnoELDXEHYW1MUi1nvj7sSj9dbZ5b5XWtWaocAHLrPc8COECQQDnAQiushzcMi4P
            +LTyvO07TNJkk3u+D+58kjA2Vw64i16J2YEnJkgvKM5jAkxGawO5my7Oi8Md3gMO
            RcaPibwXAkEAxcQhtU2AHFLgkdx0+z3e4Cwtz/z2bmcxTRn1eWuc/LArRSa9sCKs
            1l2nIYJOCvYCjk6/DPHAJTIuQIbDRIr2eQJAcWOPiHjDM86pz4sr/s5/wBDoYRgH
            sHaPgLQdWD8Jacp3YEDUZYwj+IoWLIFPQW18CZpDsnzmDH4Sj+nuGjzohwJBAInl
            fV+O35JgU4hBQSxicsK662LITwiiWaUaQajdWYR0TmeUYNWtB/kdKklaM5K/AP87
            d0nOU51cBRYnIYbsonkCQFTMWafhemAKQZBZdy6lXDs6EbHpqAiJLsBfwB3LjK5c
            Z0E6wBAEvlX4ck9ZfI7Jjz+mYnTd2vj2XIVH/x91p1g=
            -----END RSA PRIVATE KEY-----
            """;

    /** The same key through {@code openssl pkcs8 -topk8 -nocrypt}. */
    private static final String RSA_PKCS8 = """
            -----BEGIN PRIVATE KEY-----
            MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALJ0xuPQmSW0o3/c
            PullTHMxEw4QyvzMWOr4D1DdZwdG9quH7dJzj7XiUyL8pH6bGP+5gTUpXMbdRYOx
            2oGpit8exulxZ0r+KAAxz9moNUYNJ41pmhLasA+MFbVhjoen1ZQEOIPsvd3GPkxe
            jL5B+Ohe0a3VNZOsNBoUDoKzPgDfAgMBAAECgYBbo6f2mMnsGOTU5c7Qn5owlQTJ
            9kmmo3ENyDBlQCyGCiTlVLoFlh44Mm6qyr3V3eNqfmIhYIop/LqTtCMW7m9G5CKN
            b17MeEyCa4M59hHNSRRvosq83nqSdG0swwqCegQsNcQdhbUxSLWe+PuxKP11tnlv
            lda1ZqhwAcus9zwI4QJBAOcBCK6yHNwyLg/4tPK87TtM0mSTe74P7nySMDZXDriL
            XonZgScmSC8ozmMCTEZrA7mbLs6Lwx3eAw5Fxo+JvBcCQQDFxCG1TYAcUuCR3HT7
            Pd7gLC3P/PZuZzFNGfV5a5z8sCtFJr2wIqzWXachgk4K9gKOTr8M8cAlMi5AhsNE
            ivZ5AkBxY4+IeMMzzqnPiyv+zn/AEOhhGAewdo+AtB1YPwlpyndgQNRljCP4ihYs
            gU9BbXwJmkOyfOYMfhKP6e4aPOiHAkEAieV9X47fkmBTiEFBLGJywrrrYshPCKJZ
            pRpBqN1ZhHROZ5Rg1a0H+R0qSVozkr8A/zt3Sc5TnVwFFichhuyieQJAVMxZp+F6
            YApBkFl3LqVcOzoRsemoCIkuwF/AHcuMrlxnQTrAEAS+VfhyT1l8jsmPP6ZidN3a
            +PZchUf/H3WnWA==
            -----END PRIVATE KEY-----
            """;

    /** {@code openssl ecparam -name prime256v1 -genkey}. */
    private static final String EC_SEC1 = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEILuIvn/fLRomly8GoILEzd3oafDnpMELqLnv9sXFXEmZoAoGCCqGSM49
            AwEHoUQDQgAEU9qo20Mf8rF7MFsz8xmJL7bqfIcKM17ml2a47DTlvalarjCrdpwL
            cBN2IaCOcmoG9LW8jGBXMtZpnHp9+xJUpg==
            -----END EC PRIVATE KEY-----
            """;

    /** The same key through {@code openssl pkcs8 -topk8 -nocrypt}. */
    private static final String EC_PKCS8 = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgu4i+f98tGiaXLwag
            gsTN3ehp8OekwQuoue/2xcVcSZmhRANCAART2qjbQx/ysXswWzPzGYkvtup8hwoz
            XuaXZrjsNOW9qVquMKt2nAtwE3YhoI5yagb0tbyMYFcy1mmcen37ElSm
            -----END PRIVATE KEY-----
            """;

    /** {@code openssl genpkey -algorithm ed25519}. */
    private static final String ED25519 = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIBL4aS41uZ/o8JqztBQJLXc9uza8QiROj5uhkmy9EWOX
            -----END PRIVATE KEY-----
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void rsa_key_is_the_same_in_both_forms() throws Exception {
        PrivateKey key = read(RSA_PKCS1);

        assertThat(key.getAlgorithm()).isEqualTo("RSA");
        assertThat(key).isEqualTo(read(RSA_PKCS8));
    }

    @Test
    void elliptic_curve_key_is_the_same_in_both_forms() throws Exception {
        ECPrivateKey key = (ECPrivateKey) read(EC_SEC1);
        ECPrivateKey same = (ECPrivateKey) read(EC_PKCS8);

        assertThat(key.getS()).isEqualTo(same.getS());
        assertThat(key.getParams().getCurve()).isEqualTo(same.getParams().getCurve());
    }

    @Test
    void edwards_curve_key() throws Exception {
        assertThat(read(ED25519).getAlgorithm()).isEqualTo("EdDSA");
    }

    @Test
    void windows_line_ends_and_text_around_the_key_do_not_matter() throws Exception {
        assertThat(read("Bag Attributes\n" + EC_PKCS8.replace("\n", "\r\n"))).isEqualTo(read(EC_PKCS8));
    }

    @Test
    void key_with_a_password_is_refused_with_what_to_do() {
        String encrypted = EC_PKCS8.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");

        assertThatThrownBy(() -> read(encrypted))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("key.pem holds no unencrypted PRIVATE KEY")
                .hasMessageContaining("openssl pkcs8 -topk8 -nodes");
    }

    @Test
    void damaged_keys_are_refused_as_keys() {
        assertThatThrownBy(() -> read(EC_SEC1.replace("MHcCAQEE", "MHcCAQEE/w")))
                .isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(() -> read(EC_PKCS8.replace("MIGHAgEA", "MIGHAgE")))
                .isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(() -> read(RSA_PKCS1.replace("MIICXAIB", "MIICXAIBA==")))
                .isInstanceOf(GeneralSecurityException.class);
    }

    private PrivateKey read(String pem) throws IOException, GeneralSecurityException {
        return PemKey.read(Files.writeString(folder.resolve("key.pem"), pem));
    }
}
